"""What people do in a shop, as the events that their clients send."""

from collections.abc import Sequence

from tests.demo.diary import Body, Diary, order, page, product, track

DAY = 86_400

NEWSLETTER = {"channel": "email", "purpose": "marketing"}


def browse(diary: Diary, who: Body) -> None:
    diary.request()
    diary.say(page(who, "Home"))
    for _ in range(diary.random.randint(1, 7)):
        diary.say(track(who, "Product Viewed", **product(diary.random)))


def fill_basket(diary: Diary, who: Body, *, checkout: bool, ago: int | None = None) -> None:
    """Fill a basket and start the checkout: as the day goes, or `ago` seconds before now."""
    diary.request()
    diary.say(track(who, "Product Viewed", **product(diary.random)))
    diary.say(track(who, "Product Added", **product(diary.random, quantity=1)))
    if checkout:
        value = product(diary.random)["price"]
        diary.say(track(who, "Checkout Started", value=value, currency="SEK"), ago=ago)


def sign_up(diary: Diary, who: Body, traits: Body, *, consent: bool) -> None:
    """Say who it is and tick the box in one request, so that the welcome knows where to go."""
    diary.request()
    diary.say(page(who if "userId" not in who else {"anonymousId": who["anonymousId"]}, "Join"))
    diary.say({"type": "identify", "traits": traits, **who})
    if consent:
        diary.say(track(who, "Consent Granted", **NEWSLETTER))


def account(diary: Diary) -> Body:
    person = diary.person
    traits: Body = {
        "email": person.email,
        "firstName": person.first_name,
        "lastName": person.last_name,
        "city": person.city,
        "newsletter_topics": diary.random.sample(["home", "garden", "kids"], 2),
    }
    return traits | ({"phone": person.phone} if diary.chance(0.4) else {})


def order_online(diary: Diary, order_id: str, *, ago: int | None = None) -> None:
    """Let the shop's server report the order: it knows the user id and nothing of devices."""
    diary.request("shop")
    diary.say(order({"userId": diary.person.user_id}, order_id, diary.random), ago=ago)


def imported(diary: Diary, days_ago: Sequence[int], *, score: float | None = None) -> None:
    """Bring somebody in whom another system has known for long: account, consent and orders."""
    person, first = diary.person, max(days_ago) + 1
    who = {"userId": person.user_id}
    traits: Body = {"email": person.email, "firstName": person.first_name}
    diary.request("import")
    diary.say({"type": "identify", "traits": traits, **who}, ago=first * DAY)
    diary.say(track(who, "Consent Granted", **NEWSLETTER), ago=first * DAY - 60)
    for number, days in enumerate(days_ago):
        diary.say(order(who, f"I-{person.number}-{number}", diary.random), ago=days * DAY)
    if score is not None:
        diary.say({"type": "identify", "traits": {"score.churn": score}, **who})


def log_in(diary: Diary) -> None:
    """Tie the second device to the account: by identify, or by the older alias call."""
    person, device = diary.person, diary.person.devices[1]
    diary.request()
    if diary.chance(0.3):
        diary.say({"type": "alias", "previousId": device, "userId": person.user_id})
    else:
        known = {"userId": person.user_id, "anonymousId": device}
        diary.say({"type": "identify", "traits": {"last_login": "tablet"}, **known})


def update(diary: Diary, who: Body) -> None:
    """Move house, sometimes twice; or take a trait back."""
    if diary.chance(0.3):
        diary.request()
        for city in diary.random.sample(("Umeå", "Tampere", "Odense"), diary.random.randint(1, 2)):
            diary.say({"type": "identify", "traits": {"city": city}, **who})
    elif diary.chance(0.15):
        diary.request()
        diary.say({"type": "identify", "traits": {"newsletter_topics": None}, **who})


def second_thoughts(diary: Diary, who: Body, *, leave: float) -> None:
    """Withdraw consent; some of those come back at once. Each word is a request of its own."""
    if not diary.chance(leave):
        return
    diary.begin("second thoughts")
    diary.request()
    event = "Unsubscribed" if diary.chance(0.4) else "Consent Withdrawn"
    diary.say(track(who, event, **NEWSLETTER))
    if diary.chance(0.3):
        diary.request()
        diary.say(track(who, "Consent Granted", **NEWSLETTER))
