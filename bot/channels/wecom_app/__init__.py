"""The self-built app 自建应用: 1:1 chats, cards that can be changed later by a one-use code."""
