"""The ways to tell people: mail, webhook, chat. Each sends once; the outbox decides about trying again."""


class NotDelivered(Exception):
    """The message was not taken; the text is one readable line with the reason.

    ``accepted`` are the recipients that took it nevertheless and must not get it again.
    """

    def __init__(self, reason: str, *, accepted: tuple[str, ...] = ()) -> None:
        super().__init__(reason)
        self.accepted = accepted
