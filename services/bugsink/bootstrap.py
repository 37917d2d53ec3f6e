"""Bugsink's first start: database, account, team, project, DSN, API token. Run by `bootstrap`, in Bugsink's Python.

Leaves in RUN_DIR/bugsink: `dsn` for the services (SENTRY_DSN), `token` for scripts (Authorization: Bearer …) and
`password`. Every start repeats it; what is there stays, and when all of it is, Django isn't even loaded.

Containers, which don't share that folder, agree beforehand: BUGSINK_PASSWORD and BUGSINK_PROJECT_KEY (32 hex digits),
both used when the account and the project are made.
"""

import os
import secrets
import sys
import uuid
from importlib.metadata import version

import state

EMAIL = os.environ.get("BUGSINK_EMAIL") or "developer@localhost"
TEAM, PROJECT = "Developers", "services"  # one project for all: an event says which service it is of


def main() -> None:
    # Bugsink's version decides about migrations; the e-mail address and the port can change between two starts.
    wanted = f"{version('bugsink')} {EMAIL}"
    if state.read("ready") != wanted:
        prepare()
        state.write("ready", wanted)
    key, project_id = state.read("project").split()
    state.write("dsn", f"http://{key}@127.0.0.1:{os.environ.get('BUGSINK_PORT', '8000')}/{project_id}")


def prepare() -> None:
    import django  # noqa: PLC0415 - a second start does without all these
    from django.core.management import call_command  # noqa: PLC0415

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("migrate", "snappea", database="snappea", verbosity=0)
    project = make_project(make_account())
    state.write("project", f"{project.sentry_key.hex} {project.id}")
    if not state.read("token"):
        from bsmain.models import AuthToken  # noqa: PLC0415

        state.write("token", AuthToken.create_full_access(description="Made by bootstrap.py").token)


def make_account():
    from django.contrib.auth import get_user_model  # noqa: PLC0415

    users = get_user_model().objects
    if user := users.order_by("id").first():
        user.username = user.email = EMAIL
        user.save()
        return user
    given = os.environ.get("BUGSINK_PASSWORD")
    password = given or secrets.token_urlsafe(12)
    user = users.create_superuser(EMAIL, EMAIL, password)
    if not given:
        state.write("password", password)
        shown = f"{password} (shown once; kept in {state.FOLDER / 'password'})"
        print(f"The error tracker's account: {EMAIL}, password: {shown}", file=sys.stderr)
    return user


def make_project(user):
    from projects.models import Project, ProjectMembership, ProjectRole  # noqa: PLC0415
    from teams.models import Team, TeamMembership, TeamRole  # noqa: PLC0415

    team, _ = Team.objects.get_or_create(name=TEAM)
    TeamMembership.objects.get_or_create(team=team, user=user, defaults={"role": TeamRole.ADMIN, "accepted": True})
    new = {"name": PROJECT, "team": team}
    if key := os.environ.get("BUGSINK_PROJECT_KEY"):
        new["sentry_key"] = uuid.UUID(key)
    project, _ = Project.objects.get_or_create(slug=PROJECT, defaults=new)
    membership = {"role": ProjectRole.ADMIN, "accepted": True, "send_email_alerts": True}
    ProjectMembership.objects.get_or_create(project=project, user=user, defaults=membership)
    return project


if __name__ == "__main__":
    main()
