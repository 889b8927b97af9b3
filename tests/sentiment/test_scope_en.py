"""What turns English words around: signs of what is found, not the verdict made of it."""

from __future__ import annotations

import pytest

from portal.sentiment.analyzer import _resources, analyze
from portal.sentiment.polarity import surroundings
from portal.sentiment.scoring import read
from portal.sentiment.tokens import tokenise

PRAISE = """
The porter could not have been more helpful.
My recruiter couldn't have explained things more clearly.
The afternoon could not have run smoother.
I couldn't have asked for a fairer hearing.
No one could have been kinder.
I can't remember a nicer interview.
couldnt of been nicer
It could not have been less stressful.
I have never met such a kind panel.
At no point was I left guessing.
Not once did I feel rushed.
Not for a moment did they look down on me.
Under no circumstances would I call this a bad experience.
I was never ignored.
They never failed to reply.
Not a day went by without an update.
It was not bad at all.
Nothing bad to say about this lot.
It's hard to say anything bad.
I haven't a bad word to say about them.
I would not hesitate to apply again.
I see no reason not to recommend them.
Without hesitation I would recommend this bakery.
Nothing but kindness from start to finish.
They were not only polite but also quick.
It isn't true that they never answer, mine came in a day.
Whoever says they ignore people is wrong.
I had braced myself for silence and got a call instead.
I never expected an answer, yet it came in two days.
I was afraid they'd laugh at me, they didn't.
Was it stressful? Not at all.
Any complaints? None.
I wish every employer were this honest.
Without Ana's help it would have been awful.
She kindly sent me the notes afterwards.
It wasn't long before they called.
Everyone else ghosts you; they don't.
I thought they had forgotten me. They had not.
Beats being ignored by a mile.
Less painful than any other process.
I read bad reviews before. They are wrong.
It would be unfair to say anything negative.
I've never met nicer interviewers.
I have rarely been treated so well.
Nothing short of brilliant.
Nothing less than excellent.
I have no doubt they are honest.
I'd be lying if I said I had a bad time.
You can't say they keep people waiting.
It left nothing to be desired.
The silence I feared never came.
Did they keep me waiting? Never.
Was I ignored? Quite the opposite.
Thanks for not wasting my time.
Why can't everyone be like this?
""".strip().splitlines()

BLAME = """
I could not be more let down by this firm.
The joining instructions could not have been more muddled.
The panel could not have been less interested.
He couldn't have been colder.
They could not have cared less about my time.
I have never felt so unwelcome.
I have never been spoken to so rudely.
At no time was I made to feel welcome.
At no stage did anybody explain the steps.
Not once was I told what came next.
I never liked how the manager talked.
I never appreciated how they spoke about staff.
I can't say they were helpful.
Nothing good to say about this lot.
It is hard to say anything nice.
The manager was less than honest about the hours.
Not only did they ignore me, they kept my papers too.
The post sounded great on paper.
Too good to be true: there was no such job.
They used to be a good employer.
We heard nothing for three weeks.
They did not call for six weeks.
They did not answer within two days as promised.
Feedback? None.
A warm welcome? Not here.
Professional? Far from it.
Recommend them? Not in a million years.
Apply again? Sure, the day pigs fly.
"Wonderful" planning. Not.
They say they care. They don't.
So much for transparency.
Kindly treat people with respect.
Pls be nicer to ppl.
How about being honest for a change?
If only the manager had been as nice as the porter.
I wish someone had been polite enough to tell me.
I'd have loved an honest answer.
I expected a warm team and found a cold room.
It is not true that they answer everyone, I got nothing.
I doubt they were honest.
I have had far better experiences elsewhere.
Less respectful than any company I know.
The only positive was the view from the window.
Is this how you treat good people?
How hard can a simple thank you be?
Wonderful, I got rejected before the interview even took place.
A friendly team? If only.
What I liked? Nothing.
About as friendly as a tax audit.
Pretty good at one thing: vanishing.
Their famous kindness is a myth.
Good riddance.
Happy it is over.
""".strip().splitlines()

ONE_SIDED = """
We heard nothing for three weeks.
At no point did I feel wanted or welcome.
I could not be more disappointed by them.
The two ladies could not have been more helpful.
Not only was he late but he also insulted me.
Kindly be on time next time.
I was never ignored.
""".strip().splitlines()


def balance(text: str) -> float:
    weighed = read(tokenise(text), _resources("en")).weighed
    return weighed.praise + weighed.good_words - weighed.blame - weighed.bad_words


@pytest.mark.parametrize("text", PRAISE)
def test_praise_outweighs_blame(text: str) -> None:
    assert balance(text) > 0, analyze(text, "en").phrases


@pytest.mark.parametrize("text", BLAME)
def test_blame_outweighs_praise(text: str) -> None:
    assert balance(text) < 0, analyze(text, "en").phrases


@pytest.mark.parametrize("text", ONE_SIDED)
def test_a_one_sided_sentence_shows_no_phrase_of_the_other_side(text: str) -> None:
    signs = {phrase["weight"] > 0 for phrase in analyze(text, "en").phrases}
    assert signs == {balance(text) > 0}


@pytest.mark.parametrize(
    ("text", "negated", "unreal"),
    [
        ("at no point did they smile", "did they smile", ""),
        ("without fail they smile", "", ""),
        ("i have never been so well received", "", ""),
        ("if only they had been honest", "", "they had been honest"),
        ("kindly treat people well", "", "treat people well"),
        ("i wish all firms were honest", "", ""),
    ],
)
def test_surroundings_of_each_word(text: str, negated: str, unreal: str) -> None:
    resources = _resources("en")
    words = tokenise(text).words
    around = surroundings(words, resources.turns, resources.rules.find(words).scope)
    assert [word for word, by in zip(words, around.unreal, strict=True) if by] == unreal.split()
    assert [word for word, by in zip(words, around.negated, strict=True) if by] == negated.split()


def test_what_follows_until_counts_more() -> None:
    words = tokenise("lovely people until nobody answered").words
    resources = _resources("en")
    emphasis = surroundings(words, resources.turns, resources.rules.find(words).scope).emphasis
    assert emphasis == [0.5, 0.5, 1.5, 1.5, 1.5]
