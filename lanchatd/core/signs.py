"""The sixty-four signs of a code: easy to name, hard to take one for another, seen or heard."""

from __future__ import annotations

from typing import Final

from lanchatd.protocol.ui import Sign

_TABLE: Final = """
🐝 bee      🦋 butterfly 🐪 camel    🐈 cat      🐓 rooster  🐄 cow      🦀 crab     🐘 elephant
🦊 fox      🐸 frog      🦒 giraffe  🐎 horse    🦁 lion     🐒 monkey   🐁 mouse    🐙 octopus
🐧 penguin  🐇 rabbit    🦏 rhino    🦂 scorpion 🐑 sheep    🐌 snail    🐢 turtle   🐳 whale
🍎 apple    🍌 banana    🥕 carrot   🧀 cheese   🍒 cherry   🍋 lemon    🍄 mushroom 🍉 melon
🌵 cactus   🌻 sunflower 🍀 clover   🍁 maple    🌙 moon     ⭐ star     🔥 fire     🌈 rainbow
🚲 bicycle  ⛵ boat      🚂 train    🚀 rocket   🚜 tractor  ⚓ anchor   🏰 castle   ⛺ tent
🥁 drum     🎸 guitar    🎺 trumpet  🎈 balloon  🔔 bell     📖 book     🕯️ candle   🧭 compass
👑 crown    🔑 key       💡 lamp     🪜 ladder   ✂️ scissors ☂️ umbrella ⏰ clock    🎩 hat
"""

_CELLS: Final = _TABLE.split()

SIGNS: Final = tuple(Sign(picture, word) for picture, word in zip(_CELLS[::2], _CELLS[1::2], strict=True))

CODE_LENGTH: Final = 7
_BITS: Final = 6


def code(digest: bytes) -> list[Sign]:
    """The seven signs of a SHA-256: six bits of it each, the first ones first."""
    number = int.from_bytes(digest[:8], "big") >> (64 - CODE_LENGTH * _BITS)
    places = reversed(range(CODE_LENGTH))
    return [SIGNS[number >> (place * _BITS) & (2**_BITS - 1)] for place in places]
