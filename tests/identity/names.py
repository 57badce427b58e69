"""Names of people in Sweden: many share one, as they do."""

_FIRST = """
Anna Eva Maria Karin Sara Lena Emma Kerstin Malin Ingrid Linnea Sofia Elin Johanna Amanda
Hanna Julia Ida Frida Astrid Lars Mikael Anders Johan Erik Per Karl Peter Jan Thomas Daniel
Fredrik Hans Mats Oskar Gustav Viktor Simon Emil Axel Ali Fatima Omar Layla Ahmed Zahra Nour
Aleksandra Piotr Katarzyna Mehmet Elif Liam Olivia Noah William Alice Maja Vera Signe
"""
_HEADS = "Lind Berg Sand Ny Ek Sjö Strand Holm Hag Björk Norr Söder Väst Öst Gran Lund Ström"
_TAILS = "ström berg kvist gren man qvist dahl holm lund strand feldt vall gård mark by"
_FATHERS = "Anders Johan Karl Nil Erik Lar Ol Per Svens Gustaf Peters Jons"

FIRST_NAMES = tuple(_FIRST.split())
LAST_NAMES = (
    *(f"{father}son" for father in _FATHERS.split()),
    *(head + tail for head in _HEADS.split() for tail in _TAILS.split()),
)
