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


def regions(number: str) -> tuple[str, ...]:
    """Return the countries (ISO 3166) that a number with a leading `+` may be of, most often one.

    A number that fits no country's plan may be of every country that shares its calling code; one
    of no country (satellite phones, freephone) is of none.
    """
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return ()
    region = phonenumbers.region_code_for_number(parsed)
    if region is not None:
        return (region,)
    return tuple(phonenumbers.region_codes_for_country_code(parsed.country_code or 0))
