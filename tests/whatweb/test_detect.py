"""Detection on pages that real software made, and its rules one by one."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from project.whatweb.detect import MAX_MATCHED, MAX_SEARCHED, Evidence, Technology, detect
from project.whatweb.page import Page
from project.whatweb.signatures import Signatures, load_signatures
from tests.whatweb.answers import FIXTURES, SIGNATURES, examples, page_of, recordings, summary

PAGES = recordings()
EXAMPLES = examples()
# All that each recording holds: what is missing here must not be found. For the notation see summary().
RECORDED = {
    "adminer": "Adminer/4.8.1, Apache HTTP Server/2.4.71, Debian, PHP<Adminer",
    "aiohttp": "aiohttp/3.14.5, Python/3.11",
    "angular": "Angular/19.2.25, Express, Node.js<Express",
    "apache-default": "Apache HTTP Server/2.4.71, Debian",
    "astro": "Astro/4.16.19, Python http.server, Python/3.11.7",
    "caddy-default": "Caddy, Go<Caddy",
    "cgit": "Apache HTTP Server/2.4.71, cgit/1.2.3, Debian",
    "cherrypy": "CherryPy/18.10.0, Python<CherryPy",
    "django-admin": "Django, Python/3.11.7, wsgiref",
    "django-gunicorn": "Django, Gunicorn, Python<Django",
    "docusaurus": "Docusaurus/3.10.2, Python http.server, Python/3.11.7, React<Docusaurus",
    "dokuwiki": "Apache HTTP Server/2.4.71, Debian, DokuWiki, PHP<DokuWiki",
    "express": "Express, Node.js<Express",
    "fastapi-docs": "FastAPI, jsDelivr, Python<FastAPI, Swagger UI/5, Uvicorn",
    "fastapi-redoc": "FastAPI, Google Fonts, Hypercorn, jsDelivr, Python<FastAPI, Redoc/2",
    "flask-dev": "Flask:75, Python/3.11.7, Werkzeug/3.1.9",
    "flask-waitress": "Flask:75, Python<Waitress, Waitress",
    "gitweb": "Apache HTTP Server/2.4.71, Debian, gitweb/2.39.5, Perl<gitweb",
    "gradio": "Gradio/6.31.0, Python<Gradio, Svelte<Gradio, Uvicorn",
    "hexo": "Hexo/7.3.0, jQuery/3.6.4, jsDelivr, Python http.server, Python/3.11.7",
    "hugo": "Hugo/0.111.3, Nginx/1.22.1",
    "icingaweb": "Apache HTTP Server/2.4.71, Debian, Icinga Web, PHP<Icinga Web",
    "jekyll": "Jekyll/4.3.1, Nginx/1.22.1",
    "jupyter-login": "Bootstrap, Jupyter, Python<Jupyter, Tornado/6.6.1",
    "lighttpd-default": "lighttpd/1.4.69",
    "lighttpd-php": "lighttpd/1.4.69, PHP",
    "mediawiki": "Apache HTTP Server/2.4.71, Debian, MediaWiki/1.39.17, PHP<MediaWiki",
    "mkdocs": "Bootstrap, cdnjs, Font Awesome, highlight.js/11.8.0, MkDocs/1.6.1, Python http.server, Python/3.11.7",
    "mkdocs-material": "Google Fonts, Material for MkDocs/9.8.1, MkDocs/1.6.1, Nginx/1.22.1",
    "nagios": "Apache HTTP Server/2.4.71, Debian, Nagios",
    "next-app": "Next.js, Node.js:75<Next.js, React<Next.js",
    "next-pages": "Next.js, Node.js:75<Next.js, React<Next.js",
    "nginx-default": "Nginx/1.22.1",
    "nginx-forbidden": "Nginx/1.22.1",
    "nuxt": "Node.js:75<Nuxt, Nuxt, Vue.js<Nuxt",
    "phpmyadmin": "Apache HTTP Server/2.4.71, Bootstrap, Debian, jQuery, jQuery Migrate, "
    "jQuery UI, MySQL:75<phpMyAdmin, PHP<phpMyAdmin, phpMyAdmin/5.2.1",
    "prometheus": "Bootstrap, Go<Prometheus, jQuery, Moment.js, Popper, Prometheus/2.42.0",
    "rails-page": "Ruby on Rails, Ruby<Ruby on Rails",
    "roundcube": "Apache HTTP Server/2.4.71, Bootstrap, Debian, jQuery, jQuery UI, PHP<Roundcube, Roundcube",
    "sphinx-alabaster": "Python http.server, Python/3.11.7, Sphinx/9.0.4",
    "sphinx-furo": "Python http.server, Python/3.11.7, Sphinx/9.0.4",
    "sphinx-rtd": "jQuery, Python http.server, Python/3.11.7, Sphinx",
    "streamlit": "Python<Streamlit, React<Streamlit, Streamlit, Uvicorn",
    "sveltekit": "Svelte<SvelteKit, SvelteKit",
    "tomcat-default": "Apache Tomcat, Java<Apache Tomcat",
    "tomcat-jsp": "Java",
    "tomcat-notfound": "Apache Tomcat/10.1.60, Java<Apache Tomcat",
    "tornado": "Python<Tornado, Tornado/6.6.1",
    "varnish-apache": "Apache HTTP Server/2.4.71, Debian, Varnish/7.1",
    "wagtail-login": "Django, jQuery UI/1.13.2, jQuery/3.6.0, Python/3.11.7, Wagtail, wsgiref",
    "wordpress": "Apache HTTP Server/2.4.71, Debian, MySQL:75<WordPress, PHP<WordPress, WordPress/6.1.9",
    "wordpress-login": "Apache HTTP Server/2.4.71, Debian, jQuery Migrate/3.3.2, jQuery/3.6.1, MySQL:75<WordPress, "
    "PHP<WordPress, Underscore.js/1.13.4, WordPress/6.1.9",
    "zabbix": "Apache HTTP Server/2.4.71, Debian, PHP<Zabbix, Zabbix/6.0.14",
}


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_real_page_gives_exactly_what_made_it(name: str) -> None:
    assert summary(detect(PAGES[name], SIGNATURES)) == set(RECORDED[name].split(", "))


def test_every_recording_has_its_origin_written_down() -> None:
    origin = (FIXTURES / "pages" / "ORIGIN.md").read_text()
    assert set(re.findall(r"^\| `([\w-]+)`", origin, re.MULTILINE)) == PAGES.keys() == RECORDED.keys()


@pytest.mark.parametrize(("page", "finds"), EXAMPLES, ids=[", ".join(finds[:1]) for _, finds in EXAMPLES])
def test_page_as_known_software_makes_it_gives_exactly_that(page: Page, finds: list[str]) -> None:
    assert summary(detect(page, SIGNATURES)) == set(finds)


def test_no_pattern_is_without_a_page_that_it_finds() -> None:
    """A pattern that nothing matches is a typing error that nobody sees."""
    pages = [*PAGES.values(), *(page for page, _ in EXAMPLES)]
    found = {
        (technology.name, evidence.where, evidence.pattern)
        for page in pages
        for technology in detect(page, SIGNATURES)
        for evidence in technology.evidence
    }
    patterns = [pattern for patterns in SIGNATURES.patterns.values() for pattern in patterns]
    assert found == {(pattern.technology, pattern.where, pattern.source) for pattern in patterns}


def signatures(tmp_path: Path, technologies: str) -> Signatures:
    file = tmp_path / "signatures.json"
    file.write_text(f'{{"categories": {{"7": {{"name": "Test"}}}}, "technologies": {{{technologies}}}}}')
    return load_signatures(file)


def answer(*headers: str, body: str = "") -> Page:
    return page_of("\r\n".join(["HTTP/1.1 200 OK", "Content-Type: text/html", *headers, "", body]).encode())


def test_finding_says_where_it_was_seen_and_by_what(tmp_path: Path) -> None:
    known = signatures(
        tmp_path,
        r'"A": {"cats": ["7"], "headers": {"X-A": "a/(\\d+)\\;version:\\1"}, "meta": {"GENERATOR": "^A"},'
        r' "cookies": {"sid": ""}, "scriptSrc": "/a\\.js", "html": ["<a-tag", "<b-tag"], "url": "site\\.example"}',
    )
    body = '<meta property="Generator" content="A made it"><script SRC="/a.js"></script><a-tag x="y">'
    page = answer("x-a: none", "x-a: a/7 b", "Set-Cookie: sid=secret; Path=/", body=body)
    assert detect(page, known) == [
        Technology(
            name="A",
            version="7",
            categories=("Test",),
            confidence=100,
            implied_by=None,
            evidence=(
                Evidence("url", r"site\.example", "site.example"),
                Evidence("html", "<a-tag", "<a-tag"),
                Evidence("header:X-A", r"a/(\d+)", "a/7"),
                Evidence("cookie:sid", "", ""),  # its value is somebody's session
                Evidence("meta:GENERATOR", "^A", "A"),
                Evidence("script", r"/a\.js", "/a.js"),
            ),
        )
    ]


def test_evidence_is_cut_where_a_reader_stops_reading(tmp_path: Path) -> None:
    (found,) = detect(answer(body="<" + "é" * 500), signatures(tmp_path, '"A": {"html": "<.+"}'))
    assert found.evidence[0].matched == "<" + "é" * (MAX_MATCHED - 1)


def test_html_patterns_see_the_beginning_of_a_page_alone(tmp_path: Path) -> None:
    known = signatures(tmp_path, '"A": {"html": "<mark>"}, "B": {"scriptSrc": "b\\\\.js"}')
    body = "x" * (MAX_SEARCHED - 6) + "<mark>"
    assert summary(detect(answer(body=body), known)) == {"A"}
    assert summary(detect(answer(body="x" + body + "<script src=b.js>"), known)) == {"B"}


def test_confidence_is_the_sum_of_what_matched_and_never_over_100(tmp_path: Path) -> None:
    known = signatures(tmp_path, r'"A": {"html": ["<a\\;confidence:30", "<b\\;confidence:25", "<c\\;confidence:60"]}')
    assert [summary(detect(answer(body=body), known)) for body in ("<a", "<a><a", "<a><b", "<a><b><c", "")] == [
        {"A:30"},
        {"A:30"},
        {"A:55"},
        {"A"},
        set(),
    ]


def test_most_precise_version_wins(tmp_path: Path) -> None:
    major, full = r"a/(\\d+)\\;version:\\1", r"A ([\\d.]+)\\;version:\\1"
    for patterns in (f'["{major}", "{full}", "a"]', f'["a", "{full}", "{major}"]'):
        known = signatures(tmp_path, f'"A": {{"html": {patterns}}}')
        assert summary(detect(answer(body="a/3, A 3.2.1."), known)) == {"A/3.2.1"}


def test_implied_technologies_carry_the_confidence_of_what_implies_them(tmp_path: Path) -> None:
    known = signatures(
        tmp_path,
        r'"A": {"html": "<a\\;confidence:80", "implies": ["B\\;confidence:50", "C"]},'
        r'"B": {"implies": "D"}, "C": {"html": "<c\\;confidence:10", "implies": "D\\;confidence:25"}, "D": {}',
    )
    assert summary(detect(answer(body="<a><c>"), known)) == {"A:80", "B:40<A", "C:80<A", "D:40<B"}
    assert summary(detect(answer(body="<c>"), known)) == {"C:10", "D:2<C"}


def test_surer_evidence_of_its_own_is_not_called_implied(tmp_path: Path) -> None:
    known = signatures(
        tmp_path, r'"A": {"html": "<a", "implies": "B\\;confidence:50"}, "B": {"html": "<b\\;confidence:60"}'
    )
    assert summary(detect(answer(body="<a><b>"), known)) == {"A", "B:60"}


def test_technologies_that_imply_each_other_come_to_an_end(tmp_path: Path) -> None:
    known = signatures(tmp_path, '"A": {"html": "<a", "implies": "B"}, "B": {"implies": "A"}')
    assert summary(detect(answer(body="<a>"), known)) == {"A", "B<A"}


def test_surest_findings_come_first() -> None:
    found = detect(PAGES["wordpress-login"], SIGNATURES)
    assert [technology.name for technology in found] == [
        "Apache HTTP Server",
        "Debian",
        "jQuery",
        "jQuery Migrate",
        "PHP",
        "Underscore.js",
        "WordPress",
        "MySQL",
    ]


@settings(deadline=None)
@given(
    body=st.binary(max_size=300) | st.text(alphabet='<>="/! -abcmetascriptsrc\0\n', max_size=300).map(str.encode),
    charset=st.none() | st.text(max_size=20) | st.sampled_from(["utf-16", "punycode", "idna", "base64", "gbk"]),
    names=st.sampled_from(["Server", "Via", "Expires", "X-Powered-By"]),
    text=st.text(max_size=60),
)
def test_nothing_that_a_server_sends_makes_detection_raise(body: bytes, charset: str, names: str, text: str) -> None:
    page = Page("http://a/" + text, 200, ((names, text),), {"session": text}, body, "text/html", charset, (), False)
    detect(page, SIGNATURES)
