"""What the four kinds of people do in a day, from the first page to second thoughts."""

from collections.abc import Callable

from tests.demo.actions import (
    account,
    browse,
    fill_basket,
    imported,
    log_in,
    order_online,
    second_thoughts,
    sign_up,
    update,
)
from tests.demo.diary import Body, Diary, order, product, track

TIMER_AGO = 45 * 60 - 6
"""So many seconds ago a basket was left whose time is over in some seconds."""


def passer_by(diary: Diary) -> None:
    """Look around without ever saying who it is; an app that was offline tells it weeks later."""
    who = {"anonymousId": diary.person.devices[0]}
    diary.begin("visits")
    browse(diary, who)
    if diary.chance(0.2):
        diary.begin("baskets")
        fill_basket(diary, who, checkout=diary.chance(0.5))
    if diary.chance(0.3):
        diary.begin("evening")
        diary.request()
        for days in diary.random.sample((10, 14, 19, 23), 2):
            diary.say(track(who, "Product Viewed", **product(diary.random)), ago=days * 86_400)


def subscriber(diary: Diary) -> None:
    """Leave an address for the newsletter, order as a guest, perhaps think better of it."""
    person, who = diary.person, {"anonymousId": diary.person.devices[0]}
    diary.begin("visits")
    browse(diary, who)
    diary.begin("sign-ups")
    sign_up(diary, who, {"email": person.email}, consent=True)
    if diary.chance(0.4):
        diary.begin("baskets")
        fill_basket(diary, who, checkout=True)
    if diary.chance(0.4):
        diary.begin("orders")
        diary.request()
        diary.say(order(who, f"G-{person.number}", diary.random))
    second_thoughts(diary, who, leave=0.15)


def customer(diary: Diary) -> None:
    """Open an account, shop on two devices, buy, and come back in the evening."""
    person, device = diary.person, {"anonymousId": diary.person.devices[0]}
    who = {"userId": person.user_id, **device}
    diary.begin("visits")
    browse(diary, device)
    diary.begin("sign-ups")
    sign_up(diary, who, account(diary), consent=diary.chance(0.65))
    second_device = diary.chance(0.35)
    shops = diary.chance(0.6)
    checkout_ago, order_ago = diary.random.choices(*PACES)[0]
    diary.begin("baskets")
    if shops:
        fill_basket(diary, who, checkout=diary.chance(0.8), ago=checkout_ago)
    if second_device:
        browse(diary, {"anonymousId": person.devices[1]})
    diary.begin("orders")
    if shops and diary.chance(0.7):
        order_online(diary, f"W-{person.number}-1", ago=order_ago)
    diary.begin("second thoughts")
    if second_device:
        log_in(diary)
    update(diary, who)
    second_thoughts(diary, who, leave=0.15)
    if shops and checkout_ago == IN_TIME[0] and diary.chance(0.7):
        _fills_another(diary, who)
        return
    diary.begin("evening")
    if shops and diary.chance(0.7):
        order_online(diary, f"W-{person.number}-2")
    elif checkout_ago is None and diary.chance(0.4):
        fill_basket(diary, who, checkout=True)


def _fills_another(diary: Diary, who: Body) -> None:
    """Be on the way to the checkout again, when a till tells late what was bought earlier today.

    Thanks for that would take the last place in the week that the reminder may need.
    """
    fill_basket(diary, who, checkout=True, ago=60)
    diary.begin("evening")
    diary.request("till")
    late = {"userId": diary.person.user_id}
    diary.say(order(late, f"T-{diary.person.number}-8", diary.random), ago=5 * 3600)


def regular(diary: Diary) -> None:
    """Buy at the till, where an address is asked for; some open an account when they come home."""
    person = diary.person
    diary.begin("orders")
    for number in range(diary.random.randint(1, 2)):
        diary.request("till")
        who: Body = {"context": {"traits": {"email": person.email}}}
        late = number and diary.chance(0.5)  # a till that was offline for days
        ago = 4 * 86_400 + person.number if late else None
        diary.say(order(who, f"T-{person.number}-{number}", diary.random), ago=ago)
    if diary.chance(0.5):
        diary.begin("second thoughts")
        who = {"userId": person.user_id, "anonymousId": person.devices[0]}
        sign_up(diary, who, account(diary), consent=False)
        diary.begin("evening")
        diary.request("till")
        diary.say(order({"userId": person.user_id}, f"T-{person.number}-9", diary.random))


def lapsed(diary: Diary) -> None:
    """Have bought long ago; some come back because of the letter."""
    diary.begin("visits")
    imported(diary, sorted(diary.random.sample(range(200, 300), diary.random.randint(1, 3))))
    _comes_back(diary)


def late(diary: Diary) -> None:
    """Have bought every three weeks, and be later than that by now."""
    diary.begin("visits")
    imported(diary, [33 + 21 * number for number in range(diary.random.randint(4, 6))])
    _comes_back(diary)


def leaving(diary: Diary) -> None:
    """Have bought lately, and yet be thought to leave."""
    diary.begin("visits")
    score = diary.random.choice((0.2, 0.71, 0.85))
    imported(diary, [diary.random.randint(5, 25)], score=score)
    _comes_back(diary)


def _comes_back(diary: Diary) -> None:
    if diary.chance(0.4):
        diary.begin("orders")
        order_online(diary, f"B-{diary.person.number}", ago=1)


IN_TIME = (900, 240)
PACES: tuple[list[tuple[int | None, int | None]], list[float]] = (
    [(None, None), IN_TIME, (TIMER_AGO, 120)],
    [0.7, 0.24, 0.06],
)
"""How long before they are told of (in seconds) baskets and their orders were, and how often: as
the day goes, so that the basket is abandoned and ordered all the same; in time; and so that it is
for a timer to say when the time is over, which an order follows."""

HABITS: dict[str, Callable[[Diary], None]] = {
    "passer_by": passer_by,
    "subscriber": subscriber,
    "customer": customer,
    "regular": regular,
    "lapsed": lapsed,
    "late": late,
    "leaving": leaving,
}
