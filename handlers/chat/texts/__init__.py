"""Every Chinese sentence of the chat, one module a topic. Functions take facts and return text; they decide nothing."""
