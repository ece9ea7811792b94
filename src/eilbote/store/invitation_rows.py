"""Who was invited and has not come yet, with the link that lets them in, as rows; the same for both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.accounts.session import LinkPurpose
from eilbote.accounts.user import UserState
from eilbote.store import session_rows, user_rows
from eilbote.store.row_page import Pages, fetch_page

if TYPE_CHECKING:
    from eilbote.accounts.session import OneTimeLink
    from eilbote.accounts.user import User
    from eilbote.store.record_database import Statements

_USER_COLUMNS: Final = ", ".join(f"u.{name}" for name in user_rows.COLUMNS.split(", "))
_LINK_COLUMNS: Final = ", ".join(f"l.{name}" for name in session_rows.LINK_COLUMNS.split(", "))
_READ: Final = (
    f"SELECT {_USER_COLUMNS}, {_LINK_COLUMNS} FROM app_user u "  # noqa: S608 - our own text
    f"LEFT JOIN one_time_link l ON l.user_id = u.id AND l.purpose = '{LinkPurpose.INVITATION.value}' "
    f"WHERE u.state = '{UserState.INVITED.value}' AND u.id > $1"
)
_PAGES: Final = Pages(
    everywhere=f"{_READ} ORDER BY u.id LIMIT $2",
    of_one=f"{_READ} AND u.organization = $3 ORDER BY u.id LIMIT $2",
)
_OF_USER: Final = len(user_rows.COLUMNS.split(", "))


async def page(
    db: Statements, organization: str | None, *, limit: int, after: str
) -> list[tuple[User, OneTimeLink | None]]:
    """Give users who have not come yet in the order of their ids; of all organizations when ``None``.

    Raises:
        SettingsError: One is damaged.
    """
    rows = await fetch_page(db, _PAGES, organization, limit=limit, after=after)
    return [_read(tuple(row)) for row in rows]


def _read(row: tuple[object, ...]) -> tuple[User, OneTimeLink | None]:
    user, link = row[:_OF_USER], row[_OF_USER:]
    return user_rows.read(user), None if link[0] is None else session_rows.read_link(link)
