"""Mails as files: what would go to the developers can be read without a mail server. Any mail program opens .eml."""

import time
from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

KEEP = 1000  # newest mails; a demo that runs for weeks must not fill the disk


class MailFiles(BaseEmailBackend):
    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        folder = settings.MAIL_FOLDER
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for message in messages:
            name = f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{time.time_ns() % 10**9:09}.eml"
            (folder / f"{name}.part").write_bytes(message.message().as_bytes())
            (folder / f"{name}.part").replace(folder / name)
        for old in sorted(folder.glob("*.eml"))[:-KEEP]:
            old.unlink(missing_ok=True)
        return len(messages)
