"""French phrases that turn what stands around them: each kind is shown with the right sign."""

from __future__ import annotations

import pytest

from portal.sentiment.analyzer import analyze

PRAISE = {
    "could not be more": [
        "Elle n'aurait pas pu être plus aimable.",
        "Le recruteur n'aurait pu être plus clair.",
        "Je ne pourrais pas être plus satisfaite.",
        "On pouvait pas tomber sur des gens plus gentils.",
        "Des gens on ne peut plus sympathiques.",
        "Jamais je n'ai été aussi bien reçue.",
        "Difficile d'imaginer un accueil plus chaleureux.",
    ],
    "blame denied": [
        "À aucun moment je ne me suis senti jugé.",
        "Personne n'a été impoli.",
        "Aucun des recruteurs n'a été condescendant.",
        "Je n'ai jamais eu à les relancer.",
        "Je ne regrette pas d'être venue.",
        "La recruteuse était loin d'être froide.",
        "Rien à redire sur l'organisation.",
        "Rien n'a été laissé au hasard.",
        "Pas l'impression d'être un numéro.",
    ],
    "not true that": [
        "Ce n'est pas vrai qu'ils ne répondent pas.",
        "On dit qu'ils ne répondent jamais : c'est faux.",
        "Il est faux de dire qu'ils ignorent les candidats.",
    ],
    "without a doubt": [
        "Je recommande sans la moindre réserve.",
        "Sans aucun doute le meilleur entretien de ma vie.",
        "Je ne peux que recommander.",
        "Je n'hésiterais pas à repostuler.",
        "Que des gens adorables.",
    ],
    "expected otherwise": [
        "Je pensais être ignoré comme d'habitude, et mon téléphone a sonné.",
        "Je m'attendais à un refus froid.",
        "Je ne m'attendais pas à un accueil aussi chaleureux.",
    ],
    "question and answer": [
        "Repostuler ? Sans hésiter.",
        "Des retards ? Jamais.",
        "Un reproche ? Aucun.",
    ],
    "thanks": [
        "Merci de m'avoir rappelée si vite.",
        "Merci d'être venue me chercher.",
    ],
    "denied in the end, or elsewhere": [
        "Ailleurs on m'a ghosté, ici non.",
        "On ne vous traite pas comme un numéro.",
        "Merci de ne pas m'avoir ghosté.",
        "Ils ne ghostent pas.",
        "Ai-je été ignoré ? Jamais.",
        "J'étais sûr d'être oublié. Faux !",
        "Je mentirais si je disais que c'était désagréable.",
    ],
}
BLAME = {
    "could not be more": [
        "La RH pouvait pas être plus désagréable.",
        "La consigne n'aurait pas pu être moins claire.",
        "Jamais je n'ai été aussi mal reçue.",
        "Difficile de faire pire.",
        "Rien de plus désagréable.",
    ],
    "praise denied": [
        "À aucun moment je ne me suis senti bienvenu.",
        "À aucun moment ils n'ont été transparents.",
        "En aucune façon je ne me suis sentie respectée.",
        "Jamais aimé leur façon de parler aux gens.",
        "Personne n'a été aimable.",
        "Loin d'être professionnel.",
        "C'était tout sauf un échange bienveillant.",
        "On ne peut pas dire qu'ils soient accueillants.",
        "À peine polis.",
        "La politesse n'est pas leur point fort.",
    ],
    "denied twice, one denial": [
        "À aucun moment je n'ai eu la moindre nouvelle.",
        "Jamais ils ne répondent aux mails.",
        "Personne ne m'a jamais donné aucune explication.",
        "Je n'ai rien entendu pendant deux semaines.",
    ],
    "wished, claimed, asked for": [
        "Si seulement ils avaient été honnêtes.",
        "J'eusse aimé une réponse polie.",
        "Une réponse rapide aurait été la bienvenue.",
        "Ils se disent bienveillants.",
        "Vous pourriez être plus aimables.",
        "Merci de répondre aux candidats.",
        "Veuillez être plus polis à l'avenir.",
        "J'espérais un accueil chaleureux.",
    ],
    "question and answer": [
        "Des nouvelles ? Aucune.",
        "La bienveillance ? Sur le mur du hall.",
        "Repostuler ? Le jour où les poules auront des dents.",
        "Un suivi « exceptionnel ». Ou pas.",
        "Côté transparence, on repassera.",
    ],
    "turned": [
        "Tout était parfait jusqu'à ce que je demande le salaire.",
        "Merci pour cette belle perte de temps.",
    ],
    "nice words that blame": [
        "Belle façon de traiter les gens.",
        "Où est le respect ?",
        "Les autres entreprises étaient bien plus aimables.",
        "Moins respectueux que tous les autres.",
        "Le meilleur moment, c'était le départ.",
        "Je mentirais si je disais que c'était agréable.",
        "Merci, mais non merci.",
        "Ai-je été respecté ? Jamais.",
        "Clair comme du jus de chaussette.",
        "Leur gentillesse est une légende.",
    ],
}
TURNED = [  # what follows outweighs what stands before
    ("Équipe agréable, et du jour au lendemain le silence.", "-"),
    ("La recruteuse était souriante, en revanche aucun suivi.", "-"),
    ("Bureaux superbes, par contre personne ne répond.", "-"),
    ("Le test était long, en revanche les retours étaient excellents.", "+"),
    ("Un refus, malgré tout un excellent souvenir.", "+"),
]


def signs(text: str) -> set[str]:
    return {"-" if phrase["weight"] < 0 else "+" for phrase in analyze(text, "fr").phrases}


@pytest.mark.parametrize("text", [text for texts in PRAISE.values() for text in texts])
def test_praise_is_shown_as_praise_only(text: str) -> None:
    assert signs(text) == {"+"}


@pytest.mark.parametrize("text", [text for texts in BLAME.values() for text in texts])
def test_blame_is_shown_as_blame_only(text: str) -> None:
    assert signs(text) == {"-"}


@pytest.mark.parametrize(("text", "sign"), TURNED)
def test_the_last_phrase_after_a_turn_has_its_sign(text: str, sign: str) -> None:
    last = analyze(text, "fr").phrases[-1]
    assert (last["weight"] < 0) == (sign == "-")
