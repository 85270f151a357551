"""The chat: what a follower meets. A handler reads the message, calls one service verb, returns a Reply."""
