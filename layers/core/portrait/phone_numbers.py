"""Phone numbers in their one international form."""

import phonenumbers


def e164(digits: str, country: str | None) -> str | None:
    """Return a number as E.164 (`+46701234567`), or None where it cannot be one.

    Args:
        digits: as dialled; without a leading `+` it is a number of `country` (ISO 3166), and none
            where that is not known.
    """
    try:
        number = phonenumbers.parse(digits, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
