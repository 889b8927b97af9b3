"""Invented names, roles and comments for the sample; nobody real, nobody's words."""

from portal.models import RoleFamily

FIRST = [
    "Amara",
    "Ben",
    "Chiara",
    "Dmitri",
    "Elif",
    "Farid",
    "Greta",
    "Hugo",
    "Ines",
    "Jonas",
    "Kavya",
    "Liam",
    "Maya",
    "Nadia",
    "Omar",
    "Priya",
    "Quentin",
    "Rosa",
    "Samir",
    "Tess",
    "Ugo",
    "Vera",
    "Wen",
    "Ximena",
    "Yara",
    "Zoë",
]
LAST = [
    "Abbott",
    "Bianchi",
    "Chen",
    "Dubois",
    "Eriksen",
    "Fontaine",
    "García",
    "Haddad",
    "Ivanova",
    "Jansen",
    "Kowalski",
    "Lindqvist",
    "Moreau",
    "Nakamura",
    "Okafor",
    "Petit",
    "Quinn",
    "Rossi",
    "Schmidt",
    "Tremblay",
    "Ueda",
    "Vasquez",
    "Weber",
    "Xu",
    "Yilmaz",
    "Zhang",
]

ROLES = (
    ("Optical engineer", RoleFamily.ENGINEERING),
    ("Data analyst", RoleFamily.ENGINEERING),
    ("Account manager", RoleFamily.SALES),
    ("Warehouse lead", RoleFamily.OPERATIONS),
    ("Care coordinator", RoleFamily.OPERATIONS),
    ("Payroll specialist", RoleFamily.FINANCE),
    ("Office assistant", RoleFamily.OTHER),
)

# By how the candidate rated and whether they had been told.
COMMENTS = {
    ("good", "told"): (
        "They called me two days after the interview and explained why. I wish every company did.",
        "Clear steps, friendly people, and an answer when they said there would be one.",
        "I did not get the job, but the recruiter told me quickly and gave me two useful pointers.",
        "Kept informed at every stage. The no was kind and came by phone.",
        "Well organised. I always knew what would happen next.",
        "Prompt reply, honest feedback. I would apply again.",
        "The interviewers had read my application and the decision came within the week.",
    ),
    ("middling", "told"): (
        "The interview was fine. The answer took longer than they had said.",
        "A polite form letter. I would have liked one sentence about why.",
        "Four rounds for this role is a lot, though everybody was friendly.",
        "I had to write once to ask where things stood, then it went quickly.",
        "Good conversation, slow paperwork.",
    ),
    ("bad", "told"): (
        "Six weeks of waiting for a two line automatic email.",
        "I had to chase them three times before anybody answered.",
        "They promised news by Friday and I heard nothing for a month.",
        "Nobody could tell me what the next step was. The rejection had the wrong job title.",
        "I took a day off for the interview and got a form letter without a reason.",
    ),
    ("good", "waiting"): (
        "Friendly interview. I am still waiting to hear, but they said it would take a while.",
        "The team was lovely. I hope they write soon.",
    ),
    ("middling", "waiting"): (
        "The interview went well, and since then there has been silence.",
        "Still no news. I do not know whether the role is filled.",
        "Nice people, but nobody has written since the second round.",
    ),
    ("bad", "waiting"): (
        "Three interviews and a task, then nothing. Not one word.",
        "I never heard back. My two emails went unanswered.",
        "They said they would call on Monday. That was five weeks ago.",
        "Ghosted after the final round. I learned from a friend that somebody else started.",
        "I prepared for days and did not even get a no.",
    ),
}

# What some of them add; the first sentence alone is said by others too.
MORE = {
    "good": (
        "Thank you for that.",
        "The recruiter was kind throughout.",
        "I would recommend it to a friend.",
        "Even the task was fair and not too long.",
    ),
    "middling": (
        "The office is easy to reach.",
        "The second round was with three people.",
        "I do not know what decided it.",
        "The interviewers were friendly all the same.",
    ),
    "bad": (
        "I will not apply again.",
        "A short email would have been enough.",
        "It felt disrespectful after so much preparation.",
        "Nobody ever explained why.",
    ),
}

FRENCH_COMMENTS = {
    ("good", "told"): (
        "On m’a appelée deux jours après l’entretien pour m’expliquer le refus. Merci !",
        "Réponse rapide et retour détaillé, un vrai plaisir.",
    ),
    ("middling", "told"): ("Un courriel type, poli, mais sans un mot d’explication.",),
    ("bad", "told"): ("J’ai dû relancer trois fois avant d’avoir une réponse.",),
    ("good", "waiting"): ("Entretien agréable, j’attends encore la réponse.",),
    ("middling", "waiting"): ("Toujours pas de nouvelles depuis le deuxième entretien.",),
    ("bad", "waiting"): (
        "Aucune nouvelle depuis l’entretien, malgré deux relances.",
        "Je n’ai jamais eu de réponse.",
    ),
}

# What the software cannot read, and leaves at that.
UNREADABLE = (
    "La entrevista fue buena, pero después nunca me contestaron.",
    "Das Gespräch war gut, aber danach habe ich leider nichts mehr gehört.",
    "n/a",
)
