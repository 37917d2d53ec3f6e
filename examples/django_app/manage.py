import atexit
import os
import sys

from django.core.management import execute_from_command_line

from jsonlog import capture, lifecycle

if __name__ == "__main__":
    capture.capture()
    atexit.register(lifecycle.log_end)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
    execute_from_command_line(sys.argv)
