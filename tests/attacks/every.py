"""All rows, in the order in which they are read."""

from __future__ import annotations

from tests.attacks.floods import FLOODS
from tests.attacks.forged import FORGED
from tests.attacks.keys import KEYS
from tests.attacks.machines import MACHINES
from tests.attacks.strangers import STRANGERS

ATTACKS = (*FORGED, *KEYS, *STRANGERS, *MACHINES, *FLOODS)
