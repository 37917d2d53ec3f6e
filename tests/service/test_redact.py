"""What must never leave the process, and what may."""

from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from project.api.utils import redact
from tests.service.programs import run

SECRET_KEYS = [
    "password", "passwd", "PASSWORD", "db_password", "userPassword", "Pass-Word", "pwd", "passphrase", "secret",
    "client_secret", "token", "access_token", "refreshToken", "X-Auth-Token", "api_key", "API key", "apiKey",
    "X-Api-Key", "private_key", "access-key", "signature", "Authorization", "Proxy-Authorization", "credentials",
    "Cookie", "Set-Cookie", "session", "sessionid", "PHPSESSID", "csrf_token", "credit_card", "creditCardNumber",
    "card_number", "cvv", "jwt", "user[password]", "labels.token",
    "pass", "db_pass", "SMTP_PASS", "userPass", "passcode", "auth", "X-Auth", "basic_auth", "bearer", "otp", "pin",
    "sig", "auth[1]",
]  # fmt: skip
HARMLESS_KEYS = [
    "user",
    "id",
    "key",
    "author",
    "passenger",
    "compass",
    "bypassed",
    "passes",
    "authors",
    "oauth-provider",
    "origin",
    "signal",
    "card",
    "sec",
    "host",
    "url",
    "",
    "ключ",
    "session"[:4],
]


@pytest.mark.parametrize("key", SECRET_KEYS)
def test_a_key_is_secret(key: str) -> None:
    assert redact.is_secret(key)


@pytest.mark.parametrize("key", HARMLESS_KEYS)
def test_a_key_is_harmless(key: str) -> None:
    assert not redact.is_secret(key)


R = redact.REDACTED
TEXTS = {
    "password=hunter2": f"password={R}",
    "password = hunter2 next": f"password = {R} next",
    "password:hunter2": f"password:{R}",
    "password:          hunter2, next": f"password:          {R}, next",
    "password==hunter2 password=>hunter2 password := hunter2": f"password=={R} password=>{R} password := {R}",
    "a=1&password=hunter2&b=2": f"a=1&password={R}&b=2",
    "Server=x;Password=hunter2;Database=y": f"Server=x;Password={R};Database=y",
    "user[password]=hunter2": f"user[password]={R}",
    "d['password'] = 'hunter2'": f"d['password'] = '{R}'",
    "password='correct horse' a='b'": f"password='{R}' a='b'",
    'password="it\'s \\"hunter2\\"" a=b': f'password="{R}" a=b',
    "password=b'hunter2' x": f"password=b'{R}' x",
    "password='hunter2": f"password='{R}",
    '{"user": "bob", "password": "hunter2", "n": 1}': f'{{"user": "bob", "password": "{R}", "n": 1}}',
    '{"password":1234,"n":1}': f'{{"password":{R},"n":1}}',
    '{"token":["hunter2"],"n":1}': f'{{"token":{R}',
    r"{\\\"password\\\": \\\"hunter2\\\", \\\"n\\\": 1}": rf"{{\\\"password\\\": \\\"{R}\", \\\"n\\\": 1}}",
    r'"{\"password\": \"hunter2\", \"n\": 1}"': rf'"{{\"password\": \"{R}\", \"n\": 1}}"',
    "{'password': 'hunter2', b'token': b'hunter2'}": f"{{'password': '{R}', b'token': b'{R}'}}",
    '"password"=>"hunter2", "n"=>1': f'"password"=>"{R}", "n"=>1',
    "[('Authorization', 'Bearer hunter2'), ('Host', 'x')]": f"[('Authorization', '{R}'), ('Host', 'x')]",
    "Authorization: Bearer hunter2\r\nHost: x": f"Authorization: {R}\r\nHost: x",
    "Authorization: Digest username=bob, response=hunter2": f"Authorization: {R}",
    "authorization=Bearer hunter2 next": f"authorization={R} next",
    "token: Basic aHVudGVyMg== next": f"token: {R} next",
    "Cookie: a=hunter2; b=hunter2\nHost: x": f"Cookie: {R}\nHost: x",
    "Set-Cookie: a=hunter2; Path=/": f"Set-Cookie: {R}",
    "cookies={'a': 'hunter2'}": f"cookies={R}",
    "postgresql://bob:hunter2@db:5432/x": f"postgresql://{R}@db:5432/x",
    "https://hunter2@x/ and https://bob:hunt@er2@y/": f"https://{R}@x/ and https://{R}@y/",
    "https://x/?token=hunter2#top bob@x": f"https://x/?token={R} bob@x",
    "password%3Dhunter2%26a%3D1": f"password%3D{R}%26a%3D1",
    "next=http%3A%2F%2Fx%2F%3Ftoken%3Dhunter2%26a%3D1": f"next=http%3A%2F%2Fx%2F%3Ftoken%3D{R}%26a%3D1",
    "a%3Dhttp%253A%252F%252Fx%253Ftoken%253Dhunter2%2526b": f"a%3Dhttp%253A%252F%252Fx%253Ftoken%253D{R}%2526b",
    "pass%77ord=hunter2 pass%2577ord=hunter2": f"pass%77ord={R} pass%2577ord={R}",
    "u=http%3A%2F%2Fbob%3Ahunter2%40x%2F": f"u=http%3A%2F%2F{R}@x%2F",
    "%7B%22password%22%3A%22hunter2%22%7D": f"%7B%22password%22%3A{R}",
    "password=": f"password={R}",
}


@pytest.mark.parametrize(("value", "shown"), TEXTS.items())
def test_a_text_shows_everything_but_its_secrets(value: str, shown: str) -> None:
    assert redact.text(value) == shown
    assert redact.text(shown) == shown  # error events pass through here again


HARMLESS = [
    "", "hello", "a=b", "at 12:30:05", "https://example.com/a?b=c&d=e#f", "bob@example.com", "bob@example.com: hi",
    "ratio 1:2, {'a': 'b'}", "the password was wrong", "Mozilla/5.0 (X11; rv:109.0)", "GET /a?q=%C3%A9 HTTP/1.1",
    "[::1]:80", "http%3A%2F%2Fx%2Ftoken%2Fa%3Fb%3Dc", "%7B%22a%22%3A%22token%22%2C%22b%22%3A1%7D",
    "File 'x.py', line 3", "https://x/a@b", "%s %d %%", "'a', 'b'", 'say "token", please',
]  # fmt: skip


@pytest.mark.parametrize("value", HARMLESS)
def test_a_text_without_secrets_is_left_alone(value: str) -> None:
    assert redact.text(value) == value
    assert redact.query(value) == value


QUERIES = {
    "a=1&password=hunter2&b=2": f"a=1&password={R}&b=2",
    "password=hun,ter;2'\"]}": f"password={R}",
    "pass%77ord=hunter2": f"pass%77ord={R}",
    "user%5Bpassword%5D=hunter2": f"user%5Bpassword%5D={R}",
    "a=1;token=hunter2": f"a=1;token={R}",
    "u=http%3A%2F%2Fx%2F%3Ftoken%3Dhunter2&b=2": f"u=http%3A%2F%2Fx%2F%3Ftoken%3D{R}&b=2",
    "u=" + quote(quote("http://x/?token=hunter2&c=3", safe=""), safe="") + "&b=2":
        f"u=http%253A%252F%252Fx%252F%253Ftoken%253D{R}%2526c%253D3&b=2",
    "u=https://bob:hunter2@x/": f"u=https://{R}@x/",
    "filter=%7B%22password%22%3A%22hunter2%22%7D&b=2": f"filter=%7B%22password%22%3A{R}&b=2",
    "token%3Dhunter2&b": f"token%3D{R}&b",
    "token": "token",
    "token=": f"token={R}",
    "a=b=c&=&&": "a=b=c&=&&",
}  # fmt: skip


@pytest.mark.parametrize(("value", "shown"), QUERIES.items())
def test_a_query_string_shows_everything_but_its_secrets(value: str, shown: str) -> None:
    assert redact.query(value) == shown
    assert redact.query(shown) == shown


secrets = st.text("abcdefghijklmnopqrstuvwxyz0123456789+/=_~.!$*-", min_size=6).map(lambda text: f"S3{text}")
keys = st.sampled_from([key for key in SECRET_KEYS if " " not in key])
around = st.text("abc 123.\n\t", max_size=20)


@settings(deadline=None)
@given(
    keys,
    secrets,
    around,
    around,
    st.sampled_from(["{}={}", "{}: {}", '"{}": "{}"', "'{}': '{}'", "('{}', '{}')", "?{}={}&"]),
)
def test_no_secret_of_a_pair_is_ever_shown(key: str, secret: str, before: str, after: str, form: str) -> None:
    assert secret not in redact.text(f"{before} {form.format(key, secret)} {after}")


@settings(deadline=None)
@given(keys, secrets, st.integers(0, 3))
def test_no_secret_of_a_url_is_ever_shown_however_often_it_is_encoded(key: str, secret: str, times: int) -> None:
    url = f"http://x/?a=1&{quote(key)}={quote(secret, safe='')}"
    for _ in range(times):
        url = f"http://y/?u={quote(url, safe='')}&b=2"
    for shown in (redact.text(f"GET {url} HTTP/1.1"), redact.query(url.partition("?")[2])):
        assert secret[:6] not in shown
        assert shown.count(R) == 1


@settings(deadline=None)
@given(st.text())
def test_redacting_again_changes_nothing(value: str) -> None:
    once = redact.text(value)
    assert redact.text(once) == once


LINEAR = """
import sys
from project.api.utils import redact
hostile = [
    ":", "a:", "aaa=b ", "token=x ", "'a',", "%253D", "%25", "://", "://" + "a" * 250, "a", "token: bearer ", "a%",
    "token=" + " " * 999, "token" * 20 + "!:", 'token="', 'token=\\"', "'token',", "http%3A%2F%2Fu%3Ap", "token=[",
    "=" * 99 + " ", "token=%26", "@://", "token=%2", "&%3D", "%26a%3D",
]
for unit in hostile:
    for value in (unit * (100_000 // len(unit)), unit * (100_000 // len(unit)) + "@%40=:"):
        redact.text(value)
        redact.query(value)
"""


def test_hostile_texts_of_100_kb_take_linear_time() -> None:
    run(LINEAR)  # a hundred calls; were one quadratic, it alone would take longer than run's minute


def test_what_is_remembered_of_keys_is_bounded(tmp_path: Path) -> None:
    code = """
import resource
from project.api.utils import encode, redact
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for n in range(5000):
    long = f"{n}" + "k" * 50_000
    redact.text(f"{long}=x"); redact.query(f"{long}=x"); encode.clean({long: 1}); encode.clean([(long, 1)])
assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000, "keys are remembered whole"
"""
    run(code, tmp_path)
