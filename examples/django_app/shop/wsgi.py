import os

from django.core.wsgi import get_wsgi_application

from jsonlog.request_ids import RequestIds

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
django = get_wsgi_application()
# With a copy of the environ: Django decodes the path in place, and gunicorn's access line would read that.
application = RequestIds(lambda environ, start_response: django({**environ}, start_response))
