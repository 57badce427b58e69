"""A dry run of a dialogue: what it would have done over the archive, without sending anything.

The events are told again to the product's own functions, over portraits in memory, on the clock of
the archive; the current definitions hold, with the campaign that is tried among them. The archive
names nobody, so what conditions ask of addresses and names cannot be seen in it, and customers
answer as they did: nobody clicks in a message that they never got.
"""
