"""How much of each hostile part a world has."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shares:
    """The hostile parts, each as a share of what its comment names.

    No public census of these exists. The figures are what the founders' trades report or common
    sense bounds, rounded towards the worse, and were fixed before any resolver played a world.
    They are parameters, so that whoever knows better can say so.
    """

    kiosks: float = 1 / 5_000
    """Shop tablets per customer, each with 24 to 60 people signing in: a chain of four shops."""

    kiosk_looks: float = 0.3
    """Of visitors of a tablet, those who look around before they sign in."""

    family_device: float = 0.15
    """Of households with two or more accounts, those where all sign in on one tablet."""

    family_phone: float = 0.06
    """Of households with several customers, those that give one number at the till."""

    family_mail: float = 0.03
    """Of those, the ones with a mailbox in common, used beside everybody's own."""

    family_card: float = 0.05
    """Of those, the ones that hold one loyalty card."""

    offices: float = 1 / 2_000
    """Mailboxes like `info@` per customer, each with 3 to 8 people who order for a company."""

    recycled: float = 0.005
    """Of telephone numbers, those that pass to another customer within the time: about a tenth are
    given up in a year and a half, and one new owner in twenty is a customer of the same shop."""

    employees: float = 1 / 7_000
    """Employees per customer who serve 30 to 80 customers while signed in as themselves."""

    listed: float = 0.01
    """Of people, those who are once written down with a placeholder that is on the lists; for the
    telephone and for the e-mail address each."""

    unlisted: float = 0.015
    """Of people, those for whom a clerk once typed a value of the shop's own, each likewise."""

    typo: float = 0.005
    """Of typed e-mail addresses, those mistyped into one that nobody has."""

    typo_into_somebody: float = 0.0001
    """Of typed e-mail addresses, those that happen to be another customer's."""
