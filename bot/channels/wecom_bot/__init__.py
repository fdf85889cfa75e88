"""The smart bot 智能机器人: groups and 1:1, by a URL or over one long connection."""
