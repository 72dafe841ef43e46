"""The texts of the demonstration's traffic, in the languages of their recipients; `fill` puts values into them."""

from __future__ import annotations

from random import Random
from typing import Final

#: Texts by what they are for. `{code}`, `{name}`, `{n}`, `{day}` and `{time}` are filled in.
TEXTS: Final[dict[str, tuple[str, ...]]] = {
    "verify": (
        "{code} is your Harborlight code. It ends in 5 minutes.",
        "Harborlight: {code} confirms your new number. If this was not you, ignore it.",
    ),
    "notice": (
        "Harborlight: your monthly statement is ready, {n}.40 EUR. Reply HELP with a question.",
        "Harborlight: maintenance on {day} from {time} to {time2} UTC. Nothing is lost, some messages come later.",
        "Hello {name}, your sender was approved in two more countries. Details: harborlight.example/s/{n}",
    ),
    "otp": (
        "{code} is your Tidewater Bank code. Never share it, we will not ask for it.",
        "Tidewater Bank: use {code} to confirm your card payment of ${n}.90.",
        "{code} is your sign-in code. It ends in 5 minutes.",
    ),
    "alert": (
        "Tidewater Bank: ${n}.00 was spent with your card ending {n}. Not you? Call the number on your card.",
        "Your statement for November is ready in the app.",
    ),
    "parcel_de": (
        "Hallo {name}, Ihr Paket kommt heute zwischen {time} und {time2} Uhr. Lumo",
        "Ihr Paket {n} liegt beim Nachbarn. Ablageort ändern: lumo.example/p/{n}",
        "Lumo: Ihre Sendung {n} ist unterwegs. Über „Mein Lumo“ wählen Sie einen anderen Tag – kostenlos.",
    ),
    "parcel_fr": (
        "Bonjour {name}, votre colis arrive aujourd'hui entre {time} et {time2}. Lumo",
        "Votre colis {n} vous attend au point relais jusqu'à {day}.",
    ),
    "parcel_es": (
        "Hola {name}: tu paquete llega hoy entre las {time} y las {time2}. Lumo",
        "Tu paquete {n} está en el punto de recogida hasta el {day}.",
    ),
    "parcel_pl": ("Cześć {name}, paczka {n} będzie dziś między {time} a {time2}. Lumo",),
    "parcel_it": ("Ciao {name}, il tuo pacco {n} arriva oggi tra le {time} e le {time2}. Lumo",),
    "clinic": (
        "Fernhill Clinics: {name}, your appointment is on {day} at {time}. Reply YES to confirm or NO to change it.",
        "Fernhill Clinics: your test results are ready. Sign in to read them, or call us between 9 and 5.",
        "Reminder: your appointment is tomorrow at {time}. Please bring a list of the medicines that you take, and "
        "arrive ten minutes early so that we can check your details with you. If you cannot come, reply NO.",
    ),
    "market_in": (
        "🎉 Saffron Market: 20% off fresh fruit until {day}! Use code FRESH{n}. Reply STOP to opt out.",
        "नमस्ते {name}, आपका ऑर्डर {n} {time} बजे तक पहुँचेगा। Saffron Market",
        "Your Saffron Market order {n} is packed and arrives by {time}.",
    ),
    "market_ar": ("مرحبا {name}، طلبك رقم {n} يصل اليوم الساعة {time}. سافرون ماركت",),
    "bakery": (
        "Padaria do Sol: seu pedido {n} está pronto para retirada às {time}. Até já!",
        "Bom dia, {name}! Pão quentinho hoje às {time}. Responda SAIR para não receber mais.",
    ),
    "gym": ("Academia Vértice: sua aula de {day} às {time} está confirmada. Responda 1 para cancelar.",),
    "agency": ("Órbita: {name}, seu agendamento de {day} às {time} foi confirmado.",),
    "courier": (
        "Nile Post: your courier is on the way with parcel {n} and arrives by {time}.",
        "البريد: طردك رقم {n} في الطريق ويصل الساعة {time}.",
    ),
    "game": (
        "GG! Your squad won. Claim {n} gems before {day}: quarry.example/g/{n}",
        "Quarry: a new season starts on {day} at {time}. See you there!",
    ),
    "travel": ("Lantern Travel: your flight on {day} leaves at {time}. Check in now: lantern.example/c/{n}",),
}

_NAMES: Final = (
    "Mia",
    "Noah",
    "Léa",
    "Omar",
    "Zofia",
    "Diego",
    "Anika",
    "Kofi",
    "Sofía",
    "Emre",
    "Chloé",
    "Luca",
)
_DAYS: Final = ("2 Dec", "3 Dec", "4 Dec", "7 Dec", "9 Dec")


def fill(kind: str, random: Random) -> str:
    """A text of a kind, with values drawn by chance."""
    choices = TEXTS[kind]
    hour = random.randrange(8, 19)
    return choices[random.randrange(len(choices))].format(
        code=f"{random.randrange(1_000_000):06}",
        name=_NAMES[random.randrange(len(_NAMES))],
        n=random.randrange(1001, 9999),
        day=_DAYS[random.randrange(len(_DAYS))],
        time=f"{hour}:{random.randrange(0, 60, 5):02}",
        time2=f"{hour + 2}:00",
    )
