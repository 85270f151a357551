"""WeChat's wire protocol: callbacks in, API calls out. The only room that knows wechatpy."""
