"""Audiences: lists of people that advertising platforms keep for us, and who belongs in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from portrait.requirements import Tree

PREFIX = "~audience:"
"""Before the key of the segment that membership of an audience is recorded as. No document's key
can begin like that."""

Platform = Literal["google", "meta"]


@dataclass(frozen=True, slots=True)
class Destination:
    """A list at a platform.

    Attributes:
        list_id: of the customer list at Google, of the Custom Audience at Meta.
        account_id: of the Google Ads account that owns the list.
        login_account_id: of the manager account that is signed in for it; empty: the account's own.
    """

    platform: Platform
    list_id: str
    account_id: str = ""
    login_account_id: str = ""

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Destination":
        """Read the destination of a canonical `audience` document."""
        if document["platform"] == "meta":
            return cls("meta", document["audience_id"])
        login = document.get("login_customer_id", "")
        return cls("google", document["user_list_id"], document["customer_id"], login)


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is pushed where: everybody who is in its segment and has consented.

    Attributes:
        where: that condition, as a canonical tree. Of an ended audience it holds for nobody.
    """

    key: str
    destination: Destination
    where: Tree

    @property
    def segment(self) -> str:
        """Key of the segment of `where`, so that crossings are exact as those of any other are."""
        return PREFIX + self.key

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Audience":
        """Read a canonical `audience` document."""
        consent = {**document["consent"], "status": "granted"}
        where = {"all": [{"segment": document["segment"]}, {"consent": consent}]}
        is_active = document["status"] == "active"
        destination = Destination.from_document(document["destination"])
        return cls(document["key"], destination, where if is_active else {"any": []})


def is_pushed(segments: Mapping[str, int]) -> bool:
    """Tell whether somebody who is in these segments is in some audience."""
    return any(key.startswith(PREFIX) for key in segments)
