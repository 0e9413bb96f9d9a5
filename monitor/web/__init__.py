"""The web pages of ``nianbao serve``: so far those behind the links in mails."""
