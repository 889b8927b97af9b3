"""Invented comments for the sample, by rating, wait and channel; nobody's words."""

import random
from collections.abc import Sequence
from typing import Literal

from portal.models import Locale

Situation = Literal["offer", "called", "written", "late", "waiting", "withdrew"]
MEMORY = 90  # comments of an employer within which none is said twice

COMMENTS: dict[tuple[str, Situation], tuple[str, ...]] = {
    ("good", "offer"): (
        "Clear steps, friendly people, and an answer when they said there would be one.",
        "Kept informed at every stage, and the offer came with time to think.",
        "Well organised. I always knew what would happen next.",
        "The interviewers had read my application and asked about real work.",
        "They answered every question about the pay before I had to ask twice.",
        "The decision came within the week, and so did the contract.",
        "I met the team before I signed. That helped a lot.",
    ),
    ("middling", "offer"): (
        "I got the job, but the contract took three reminders.",
        "Four rounds for this role is a lot, though everybody was friendly.",
        "Good conversation, slow paperwork.",
        "The offer was fair. The way there was not very clear.",
        "Two people asked me the same questions on the same day.",
    ),
    ("bad", "offer"): (
        "They offered less than the advertisement had said.",
        "The offer had to be signed by the next morning. I felt rushed.",
        "Nobody seemed to know who decides.",
        "The role in the contract was not the one we had talked about.",
    ),
    ("good", "called"): (
        "A call two days after the interview, with an explanation. I wish every company did that.",
        "The no was kind and came by phone.",
        "I could ask questions on the phone, and got honest answers.",
        "The manager rang me herself. That showed respect.",
        "A short call, warm and clear. I will apply again.",
        "I did not get the job, but the call gave me two useful pointers.",
        "They rang when they had said they would.",
        "Hearing a voice made the refusal easier to take.",
    ),
    ("middling", "called"): (
        "The call was polite. I still do not know what was missing.",
        "They rang in the middle of my shift, so we could hardly talk.",
        "Quick answer by phone, though the interview itself was rushed.",
        "Fine overall. I would have liked the feedback in writing as well.",
        "The caller had not been at my interview and could not say much.",
    ),
    ("bad", "called"): (
        "A phone call of thirty seconds after a whole day of interviews.",
        "They mixed me up with another candidate on the phone.",
        "The person who rang could not answer one question.",
        "They rang to say no and had not even looked at my task.",
    ),
    ("good", "written"): (
        "I did not get the job, but the recruiter told me quickly and gave me two useful pointers.",
        "Prompt reply, honest feedback. I would apply again.",
        "A personal letter with a real reason, four days after we met.",
        "The message named what I did well and what was missing.",
        "A clear no within the week. I can plan with that.",
        "They thanked me for the task and said why it was not chosen.",
        "Fast, friendly and to the point.",
        "Everything was explained at the start, and then it happened just like that.",
    ),
    ("middling", "written"): (
        "A polite form letter. I would have liked one sentence about why.",
        "Quick no, but nothing I can learn from it.",
        "The interview was fine, the email could have been sent to anybody.",
        "At least I know where I stand. A reason would have helped.",
        "Friendly interview, plain refusal.",
        "The message came fast, without a name under it.",
    ),
    ("bad", "written"): (
        "I took a day off for the interview and got a form letter without a reason.",
        "The rejection had the wrong job title.",
        "An automatic message the same evening. I doubt anybody looked at the task.",
        "No reply to my question about what was missing.",
        "Two lines after a full day with them. It felt careless.",
        "The portal said declined. Nobody wrote a word.",
    ),
    ("good", "late"): (
        "It took a while, but they told me why and apologised for the wait.",
        "Slow, yes, and still one of the kindest refusals I have had.",
        "They wrote in between to say that it would take longer. That was decent.",
        "The interviews were excellent. Only the last answer was slow.",
        "Worth the wait: detailed feedback from people who had listened.",
    ),
    ("middling", "late"): (
        "The interview was fine. The answer took longer than they had said.",
        "I had to write once to ask where things stood, then it went quickly.",
        "Good talk, then weeks of waiting, then a no.",
        "I had found something else by the time they answered.",
        "Nice people. The process has too many pauses.",
        "They were friendly, but nobody could tell me a date.",
        "The first weeks went smoothly, and then it dragged on.",
    ),
    ("bad", "late"): (
        "Six weeks of waiting for two lines.",
        "I had to chase them three times before anybody answered.",
        "They promised news by Friday and I heard nothing for a month.",
        "Nobody could tell me what the next step was.",
        "By the time they said no I had long given up.",
        "Weeks without a word, and then no reason either.",
        "The date they gave me passed twice.",
        "I turned down other interviews while I waited for them.",
        "First urgent, then silence, then a late refusal.",
    ),
    ("good", "waiting"): (
        "Friendly interview. I am still waiting to hear, but they said it would take a while.",
        "The team was lovely. I hope they write soon.",
        "Interesting task and a fair talk about it. No answer so far.",
        "I liked everybody I met. Now I would like to know.",
    ),
    ("middling", "waiting"): (
        "The interview went well, and since then there has been silence.",
        "Still no news. I do not know whether the role is filled.",
        "Nice people, but nobody has written since the second round.",
        "I was told two weeks. It has been longer.",
        "The advertisement is online again. I have not heard a word.",
        "A good first talk, then nothing more.",
        "I would understand a no. I do not understand silence.",
        "They said somebody would be in touch. Nobody has been.",
    ),
    ("bad", "waiting"): (
        "Three interviews and a task, then nothing. Not one word.",
        "I never heard back. My two emails went unanswered.",
        "They said they would call on Monday. That was five weeks ago.",
        "Ghosted after the final round. I learned from a friend that somebody else started.",
        "I prepared for days and did not even get a no.",
        "I gave them my references and never heard from them again.",
        "Nobody answers the phone, nobody answers emails.",
        "I drove two hours for the interview. Since then, silence.",
        "They keep advertising the role and ignore the people who came.",
        "After the second round they simply vanished.",
        "Not even an automatic message. I find that rude.",
        "I asked twice where things stand and got no answer.",
        "They had time to test me for half a day, but not to write one line.",
        "I am still waiting. I have stopped hoping.",
    ),
    ("good", "withdrew"): (
        "I took another job, and they wished me well.",
        "I withdrew for family reasons and they were kind about it.",
        "Good process. The commute was too long for me.",
        "They let me go without a fuss and kept the door open.",
    ),
    ("middling", "withdrew"): (
        "I withdrew because another company was faster.",
        "The pay came up only in the third round, so I stepped back.",
        "The hours were not what the advertisement said, so I withdrew.",
        "Nice team, but too many rounds for me.",
    ),
    ("bad", "withdrew"): (
        "I withdrew after the interview was moved for the third time.",
        "They came late and had not read my application, so I stopped there.",
        "The unpaid task would have taken a weekend. I withdrew.",
        "The tone of the interview was enough for me.",
    ),
}

# What about half of them add.
MORE = {
    "good": (
        "Thank you for that.",
        "The recruiter was kind throughout.",
        "I would recommend it to a friend.",
        "Even the task was fair and not too long.",
        "Keep doing it this way.",
        "It left me with a good impression.",
    ),
    "middling": (
        "The office is easy to reach.",
        "The second round was with three people.",
        "I do not know what decided it.",
        "The interviewers were friendly all the same.",
        "It could have been worse.",
        "There is room to do better.",
    ),
    "bad": (
        "I will not apply again.",
        "A short email would have been enough.",
        "It felt disrespectful after so much preparation.",
        "I had expected better.",
        "I told my friends to look elsewhere.",
        "That is no way to treat people.",
    ),
}

FRENCH: dict[tuple[str, Situation], tuple[str, ...]] = {
    ("good", "offer"): ("Des échanges clairs du début à la fin, et une offre au jour dit.",),
    ("good", "called"): (
        "On m’a appelée deux jours après l’entretien pour m’expliquer le refus. Merci !",
        "Un appel chaleureux et des conseils utiles, malgré le refus.",
    ),
    ("good", "written"): (
        "Réponse rapide et retour détaillé, un vrai plaisir.",
        "Un message personnel, avec une vraie raison.",
    ),
    ("middling", "called"): ("Appel poli, mais sans explication précise.",),
    ("middling", "written"): (
        "Un courriel type, poli, mais sans un mot d’explication.",
        "Réponse rapide, entretien un peu court.",
    ),
    ("middling", "late"): ("Bon entretien, puis trois semaines d’attente.",),
    ("bad", "written"): ("Un refus automatique de deux lignes après une journée d’entretiens.",),
    ("bad", "late"): (
        "J’ai dû relancer trois fois avant d’avoir une réponse.",
        "Des semaines sans nouvelles, puis un refus sans raison.",
    ),
    ("good", "waiting"): ("Entretien agréable, j’attends encore la réponse.",),
    ("middling", "waiting"): (
        "Toujours pas de nouvelles depuis le deuxième entretien.",
        "On m’avait dit deux semaines, j’attends toujours.",
    ),
    ("bad", "waiting"): (
        "Aucune nouvelle depuis l’entretien, malgré deux relances.",
        "Je n’ai jamais eu de réponse.",
        "Trois entretiens, puis plus rien.",
    ),
}

# What the software cannot read, and leaves at that.
UNREADABLE = (
    "La entrevista fue buena, pero después nunca me contestaron.",
    "Me llamaron enseguida y fueron muy amables.",
    "Das Gespräch war gut, aber danach habe ich leider nichts mehr gehört.",
    "Sehr freundliches Team, schnelle Antwort.",
    "Il colloquio è andato bene, la risposta è arrivata tardi.",
    "n/a",
    "-",
)


class CommentWriter:
    """What the candidates of one employer write: of what fits, what was said longest ago."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.said: list[str] = []
        self.last_said: dict[str, int] = {}

    def comment(self, stars: int, situation: Situation) -> tuple[str, Locale]:
        """A comment, or "", and the language of its survey. No text twice within MEMORY."""
        mood = "good" if stars >= 4 else "bad" if stars <= 2 else "middling"
        draw = self.chance.random()
        if draw < 0.3:
            return "", Locale.ENGLISH
        if draw < 0.33:
            return self._say(UNREADABLE), Locale.ENGLISH
        french = FRENCH.get((mood, situation))
        if draw < 0.41 and french:
            return self._say(french), Locale.FRENCH
        return self._say(COMMENTS[mood, situation], MORE[mood]), Locale.ENGLISH

    def _say(self, firsts: Sequence[str], more: Sequence[str] = ()) -> str:
        """Of what none of the last MEMORY said, the first sentence said longest ago; else ""."""
        recent = set(self.said[-MEMORY:])
        shuffled = self.chance.sample(firsts, len(firsts))
        for first in sorted(shuffled, key=lambda text: self.last_said.get(text, -1)):
            longer = [text for one in more if (text := f"{first} {one}") not in recent]
            alone = [] if first in recent else [first] * max(1, len(longer))
            if texts := alone + longer:
                self.last_said[first] = len(self.said)
                self.said.append(self.chance.choice(texts))
                return self.said[-1]
        return ""
