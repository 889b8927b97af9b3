"""sealed answers: the record is sealed, what is published leads nowhere; cannot be taken back

Everything it needs of the product is copied here, as it was on the day: a migration must do the same
for ever. Formats: portal/surveys/answers.py, portal/reputation/sums.py.
"""

import base64
import hmac
import json
import random
import re
import secrets
from collections import Counter
from datetime import date, timedelta

import sqlalchemy as sa
from alembic import op
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app

revision = '0007'
down_revision = '0006'

LARGE, SMALL, SUMS = 12 * 1024, 1024, 16 * 1024
OVERHEAD = 29
NEVER = 0
CHUNK = 500
BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
FACTS = ('week', 'cell', 'outcome', 'stage_group', 'role_family', 'told_bucket', 'channel',
         'promise_fact', 'was_given_feedback', 'department')
ANSWERS = ('recommend', 'overall', 'told', 'heard_how', 'chased', 'promise', 'feedback',
           'relationship', 'comment', 'words')
COUNTED = ('told', 'heard_how', 'chased', 'promise', 'feedback', 'relationship')
# But the first, which the others are held to.
FAMILIES = ('sales', 'operations', 'finance', 'care', 'education', 'hospitality', 'trades',
            'management', 'other')
DELAYS = ('4-7', '8-14', '15+', 'never')
PERSONAL = re.compile('|'.join(f'(?:{part})' for part in (
    r"(?:https?://|www\.)\S{1,1000}",
    r"[^\s@＠<>()\[\],;:\"]{1,64}\s?[@＠]\s?[^\s@＠<>()\[\],;:\"]{1,200}\.[^\W\d_]{2,24}",
    r"\S{1,64}\s?[(\[{]\s?at\s?[)\]}]\s?\S{1,64}(?:\s?[(\[{]\s?dot\s?[)\]}]\s?\w{2,24})?",
    r"\b[a-z0-9][a-z0-9-]{0,62}(?:\.[a-z0-9-]{1,63}){0,5}\."
    r"(?:(?:com|org|net|io|co|edu|gov|info|biz|eu|uk|fr|de|ca|au|ch|be|nl)\b(?:/\S{0,1000})?"
    r"|[a-z]{2,24}/\S{1,1000})",
    r"(?<![\w@])@[\w.]{2,64}",
    r"(?<!\w)\+?\(?\d(?:[ \u00a0\u202f().\-/–]{0,3}\d){6,40}(?!\w)",
)), re.IGNORECASE)


def upgrade() -> None:
    _make_tables()
    _widen_tables()
    bind = op.get_bind()
    if bind.scalar(sa.text('SELECT count(*) FROM batch')) or bind.scalar(
        sa.text('SELECT count(*) FROM response')
    ):
        _seal_everything(bind)
    _round_what_is_clear(bind)
    _drop_old(bind)
    if bind.dialect.name == 'sqlite':
        # What was dropped stays in the file until env.py has rewritten it, at a second try if need be.
        bind.exec_driver_sql('PRAGMA user_version = 1')


def downgrade() -> None:
    raise RuntimeError('0007 cannot be taken back: answers are sealed. Restore the backup.')


# -- tables ---------------------------------------------------------------------------------------


def _make_tables() -> None:
    op.create_table('canary',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.CheckConstraint('id = 1', name=op.f('ck_canary_one_row')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_canary'))
    )
    op.create_table('sealed_answer',
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('employer_id', sa.Integer(), nullable=False),
    sa.Column('batch_id', sa.Integer(), nullable=True),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['batch_id'], ['batch.id'], name=op.f('fk_sealed_answer_batch_id_batch')),
    sa.ForeignKeyConstraint(['employer_id'], ['employer.id'], name=op.f('fk_sealed_answer_employer_id_employer')),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_sealed_answer')),
    sqlite_with_rowid=False,
    )
    op.create_index(op.f('ix_sealed_answer_employer_id_sealed_answer_batch_id'), 'sealed_answer', ['employer_id', 'batch_id'])
    op.create_table('opinion',
    sa.Column('id', BIG, autoincrement=False, nullable=False),
    sa.Column('employer_id', sa.Integer(), nullable=False),
    sa.Column('pool', sa.Integer(), nullable=False),
    sa.Column('answers', sa.JSON(), nullable=False),
    sa.Column('label', sa.String(length=12), nullable=False),
    sa.ForeignKeyConstraint(['employer_id'], ['employer.id'], name=op.f('fk_opinion_employer_id_employer')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_opinion'))
    )
    op.create_index(op.f('ix_opinion_employer_id_opinion_pool_opinion_id'), 'opinion', ['employer_id', 'pool', 'id'])
    op.create_table('words',
    sa.Column('id', BIG, autoincrement=False, nullable=False),
    sa.Column('employer_id', sa.Integer(), nullable=False),
    sa.Column('pool', sa.Integer(), nullable=True),
    sa.Column('may_publish', sa.Boolean(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['employer_id'], ['employer.id'], name=op.f('fk_words_employer_id_employer')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_words'))
    )
    op.create_index(op.f('ix_words_employer_id_words_pool_words_id'), 'words', ['employer_id', 'pool', 'id'])
    op.create_table('reading',
    sa.Column('words_id', BIG, nullable=False),
    sa.Column('version', sa.String(length=80), nullable=False),
    sa.Column('calibration', sa.String(length=40), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=True),
    sa.Column('status', sa.Enum('scored', 'unclear', 'not_scored', name='status', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('reason', sa.String(length=40), nullable=True),
    sa.Column('label', sa.String(length=3), nullable=True),
    sa.Column('estimate', sa.Integer(), nullable=True),
    sa.Column('phrases', sa.JSON(), nullable=False),
    sa.Column('aspects', sa.JSON(), nullable=False),
    sa.Column('aspect_words', sa.JSON(), nullable=False),
    sa.CheckConstraint("(estimate IS NULL) = (status = 'not_scored')", name=op.f('ck_reading_not_scored')),
    sa.ForeignKeyConstraint(['words_id'], ['words.id'], name=op.f('fk_reading_words_id_words'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('words_id', 'version', 'calibration', name=op.f('pk_reading'))
    )


def _widen_tables() -> None:
    with op.batch_alter_table('employer') as table:
        table.add_column(sa.Column('seal_trouble', sa.String(length=300), nullable=True))
    with op.batch_alter_table('invitation') as table:
        table.add_column(sa.Column('is_answered', sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column('survey_version', sa.Integer(), nullable=True))
    op.create_index(op.f('ix_invitation_employer_id_invitation_last_mailed_at'), 'invitation', ['employer_id', 'last_mailed_at'])
    op.execute("UPDATE invitation SET is_answered = (answer_state != 'none')")
    op.execute('UPDATE invitation SET survey_version = 1 WHERE cell IS NOT NULL')
    with op.batch_alter_table('batch') as table:
        table.add_column(sa.Column('held_back', sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column('sums', sa.LargeBinary(), nullable=True))
    with op.batch_alter_table('platform_fit') as table:
        table.add_column(sa.Column('sealed', sa.LargeBinary(), nullable=True))
    op.execute('DELETE FROM platform_fit')  # made anew tonight, and sealed


def _drop_old(bind) -> None:
    op.drop_table('score')
    op.drop_table('response')
    with op.batch_alter_table('invitation') as table:
        table.drop_constraint(op.f('ck_invitation_answer_state'), type_='check')
        table.drop_column('answer_state')
        table.alter_column('is_answered', server_default=None)
    with op.batch_alter_table('batch') as table:
        table.drop_column('groups')
        table.alter_column('held_back', server_default=None)
    with op.batch_alter_table('platform_fit') as table:
        table.drop_column('model')
        table.drop_column('levers')
    with op.batch_alter_table('rollup_month') as table:
        table.drop_column('answered')
    with op.batch_alter_table('rollup_week') as table:
        for name in ('stars_1', 'stars_2', 'stars_3', 'stars_4', 'stars_5', 'promoters', 'passives',
                     'detractors', 'relationships', 'resentful', 'chase_answers', 'chasers'):
            table.drop_column(name)


# -- seals ----------------------------------------------------------------------------------------


class _Sealer:
    def __init__(self, purpose: str) -> None:
        secret = current_app.config['HEARDBACK'].SECRET_KEY
        extracted = hmac.digest(b'heardback', secret.encode(), 'sha256')
        self.cipher = AESGCM(hmac.digest(extracted, purpose.encode() + b'\1', 'sha256'))

    def seal(self, text: bytes, place: str, size: int) -> bytes:
        nonce = secrets.token_bytes(12)
        sealed = self.cipher.encrypt(nonce, text.ljust(size - OVERHEAD), place.encode())
        return b'\1' + nonce + sealed


def _plain(value) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(',', ':')).encode()


def _seal_answer(by: _Sealer, row: dict, words_id: int | None, is_small: bool) -> bytes:
    answers = {name: row[name] for name in ANSWERS if row[name] not in (None, '')}
    if is_small:
        answers.pop('comment', None)
    facts = {name: row[name] for name in FACTS}
    facts |= {'week': str(row['week']), 'was_given_feedback': bool(row['was_given_feedback'])}
    told = {
        'facts': list(facts.values()),
        'survey': row['survey_version'],
        'locale': row['locale'],
        'lane': row['lane'],
        'late': bool(row['is_after_reminder']),
        'answers': answers,
        'public': bool(row['is_released']),
        'label': row['sentiment'],
        'words': words_id,
    }
    short = {name: value for name, value in told.items() if value not in (None, False)}
    place = f"answer {row['employer_id']} {row['key']}"
    return by.seal(_plain(short), place, SMALL if is_small else LARGE)


def _seal_everything(bind) -> None:
    bind.execute(
        sa.text('INSERT INTO canary (id, sealed) VALUES (1, :sealed)'),
        {'sealed': _Sealer('canary').seal(b'opens', 'here', 64)},
    )
    employers = bind.scalars(sa.text('SELECT id FROM employer ORDER BY id')).all()
    for employer_id in employers:
        _seal_employer(bind, employer_id)


def _rows(bind, statement: str, **values) -> list[dict]:
    return [dict(row) for row in bind.execute(sa.text(statement), values).mappings()]


def _decoded(value):
    return json.loads(value) if isinstance(value, str) else value


def _seal_employer(bind, employer_id: int) -> None:
    batches = _rows(bind, 'SELECT * FROM batch WHERE employer_id = :e ORDER BY number', e=employer_id)
    for batch in batches:
        batch['groups'], batch['trend'] = _decoded(batch['groups']) or {}, _decoded(batch['trend'])
        batch['is_pure'] = batch['fresh'] == batch['answers']
        if batch['withdrawn_on'] is None and not batch['is_pure']:
            batch['pool'] = None  # its words come with the next pool; it never had a line in files
    asked = {
        (str(row['week']), row['cell']): row['invited']
        for row in _rows(bind, 'SELECT week, cell, invited FROM rollup_week WHERE employer_id = :e', e=employer_id)
    }
    by, pools = _Sealer('answers'), {}
    waiting = _rows(bind, 'SELECT * FROM response WHERE employer_id = :e AND batch_id IS NULL ORDER BY key', e=employer_id)
    _insert_sealed(bind, by, waiting, {}, is_small=False)
    for batch in batches:
        members = _rows(bind, 'SELECT * FROM response WHERE batch_id = :b ORDER BY key', b=batch['id'])
        words = {}
        # Of a pool that was closed: its words were public, and come back with the next one.
        if batch['pool'] is not None and batch['withdrawn_on'] is None:
            words = _publish_words(bind, batch, members)
            if batch['pool'] != NEVER:
                pools.setdefault(batch['pool'], []).extend((row, batch) for row in members)
        _insert_sealed(bind, by, members, words, is_small=batch['pool'] is not None)
        _update_batch(bind, batch, members, asked)
    for number, members in pools.items():
        _publish_lines(bind, employer_id, number, members)


def _insert_sealed(bind, by: _Sealer, rows: list[dict], words: dict, is_small: bool) -> None:
    statement = sa.text(
        'INSERT INTO sealed_answer (key, employer_id, batch_id, sealed) '
        'VALUES (:key, :employer_id, :batch_id, :sealed)'
    )
    for start in range(0, len(rows), CHUNK):
        bind.execute(statement, [
            {name: row[name] for name in ('key', 'employer_id', 'batch_id')}
            | {'sealed': _seal_answer(by, row, words.get(row['key']), is_small)}
            for row in rows[start : start + CHUNK]
        ])


# -- published copies -----------------------------------------------------------------------------


WORDS = sa.table('words', *(sa.column(name) for name in ('id', 'employer_id', 'pool', 'may_publish', 'text')))
OPINION = sa.table('opinion', *(sa.column(name) for name in ('id', 'employer_id', 'pool')),
                   sa.column('answers', sa.JSON()), sa.column('label'))
READING = sa.table('reading', *(sa.column(name) for name in (
    'words_id', 'version', 'calibration', 'language', 'status', 'reason', 'label', 'estimate')),
    *(sa.column(name, sa.JSON()) for name in ('phrases', 'aspects', 'aspect_words')))


def _publish_words(bind, batch: dict, members: list[dict]) -> dict[str, int]:
    """Words that may be read, under random ids and in random order; by key, the id of each."""
    readable = [row for row in members if row['comment'] and row['words'] in ('employer', 'public')]
    random.SystemRandom().shuffle(readable)
    ids = {row['key']: secrets.randbits(63) for row in readable}
    rows = [
        {
            'id': ids[row['key']],
            'employer_id': row['employer_id'],
            'pool': batch['pool'] or None,
            'may_publish': row['words'] == 'public',
            'text': PERSONAL.sub('[removed]', row['comment']),
        }
        for row in readable
    ]
    by_response = {row['id']: row for row in readable}
    for start in range(0, len(rows), CHUNK):
        bind.execute(sa.insert(WORDS), rows[start : start + CHUNK])
        _copy_readings(bind, [row['id'] for row in readable[start : start + CHUNK]], by_response, ids)
    return ids


def _copy_readings(bind, response_ids: list[int], by_response: dict, ids: dict[str, int]) -> None:
    """Readings of texts published as they were written; the others are read anew by a rescore."""
    found = bind.execute(
        sa.text('SELECT * FROM score WHERE response_id IN :ids').bindparams(
            sa.bindparam('ids', expanding=True)
        ),
        {'ids': response_ids},
    ).mappings()
    rows = []
    for score in found:
        response = by_response[score['response_id']]
        if PERSONAL.search(response['comment']):
            continue
        row = {name: score[name] for name in ('version', 'calibration', 'language', 'status', 'reason', 'label')}
        row |= {name: _decoded(score[name]) for name in ('phrases', 'aspects', 'aspect_words')}
        q = score['p'] if score['q'] is None else score['q']
        row |= {'words_id': ids[response['key']], 'estimate': None if q is None else round(100 * q)}
        rows.append(row)
    if rows:
        bind.execute(sa.insert(READING), rows)


def _publish_lines(bind, employer_id: int, number: int, members: list[tuple[dict, dict]]) -> None:
    members = [one for one in members if one[1]['is_pure']]
    random.SystemRandom().shuffle(members)
    floor = current_app.config['HEARDBACK'].MIN_ANSWERS
    counts, hidden, left_out = Counter(row['sentiment'] or 'not_scored' for row, _ in members), set(), 0
    for label, count in sorted(counts.items(), key=lambda item: (item[1], item[0])):
        if count >= floor and not 0 < left_out < floor:
            break
        hidden.add(label)
        left_out += count
    rows = []
    for row, batch in members:
        answers = {'recommend': row['recommend'], 'overall': row['overall']}
        if row['relationship'] and 'relationship_after' in batch['groups'].get('questions', ()):
            answers['relationship'] = row['relationship']
        label = row['sentiment'] or 'not_scored'
        rows.append({
            'id': secrets.randbits(63),
            'employer_id': employer_id,
            'pool': number,
            'answers': answers,
            'label': 'not_shown' if label in hidden else label,
        })
    for start in range(0, len(rows), CHUNK):
        bind.execute(sa.insert(OPINION), rows[start : start + CHUNK])


# -- sums -----------------------------------------------------------------------------------------


def _update_batch(bind, batch: dict, members: list[dict], asked: dict) -> None:
    sealed = None
    trend = {}
    if batch['withdrawn_on'] is None:
        text = _plain(_count(batch['groups'], members, asked))
        size = SUMS
        while size < len(text) + OVERHEAD:
            size *= 2
        sealed = _Sealer('sums').seal(text, f"sums {batch['employer_id']} {batch['number']}", size)
        trend = {name: round(batch['trend'][name], 1) for name in ('stars', 'stars_low', 'stars_high')}
    bind.execute(
        sa.text('UPDATE batch SET sums = :sums, trend = :trend, pool = :pool WHERE id = :id').bindparams(
            sa.bindparam('trend', type_=sa.JSON())
        ),
        {'sums': sealed, 'trend': trend, 'pool': batch['pool'], 'id': batch['id']},
    )


def _count(groups: dict, members: list[dict], asked: dict) -> dict:
    """The sums of a release, with the parts that were accepted then."""
    named = {'relationship_after': 'relationship'}
    allowed = {named.get(name, name) for name in groups.get('questions', ())}
    questions = ('recommend', 'overall', *(name for name in COUNTED if name in allowed))
    keys = {(str(row['week']), row['cell']) for row in members}
    people = Counter()
    for key in keys:
        people[key[1]] += asked.get(key, 0)
    moments = _moments(members) if groups.get('rejected') else {}
    values = [value for triangle in moments.values() for value in triangle]
    packed = b''.join(value.to_bytes(8, 'little', signed=True) for value in values)
    return {
        'counts': {name: _by_cell(members, name) for name in questions},
        'asked': {str(cell): count for cell, count in sorted(people.items())},
        'parts': {name: groups[name] for name in ('role_family', 'stage_group', 'wave') if name in groups},
        'reported': groups.get('recorded', {}),
        'rejected': groups.get('rejected', 0),
        'moments': [[month, cell] for month, cell in moments],
        'labels': dict(sorted(Counter(row['sentiment'] or 'not_scored' for row in members).items())),
        'members': sorted(int(row['key'][:15], 16) for row in members),
        'kept_out': 0,
        'prior': {},
        'triangles': base64.b64encode(packed).decode(),
    }


def _by_cell(members: list[dict], question: str) -> dict:
    found: dict = {}
    for row in members:
        if row[question] is not None:
            options = found.setdefault(str(row['cell']), {})
            options[str(row[question])] = options.get(str(row[question]), 0) + 1
    return found


def _moments(members: list[dict]) -> dict[tuple[str, int], list[int]]:
    """[X|y]'[X|y] of the rejected, by month and lever cell, packed triangles."""
    found: dict[tuple[str, int], list[int]] = {}
    for row in members:
        if row['outcome'] != 'rejected':
            continue
        thursday = date.fromisoformat(str(row['week'])) + timedelta(days=3)
        is_told = row['told_bucket'] not in (None, 'never')
        cell = 1 + (row['channel'] == 'phone') + 2 * bool(row['was_given_feedback']) if is_told else 0
        design = [
            1,
            *(row['told_bucket'] == delay for delay in DELAYS[:-1]),
            not is_told,
            *(row['channel'] == name for name in ('phone', 'portal')),
            *(row['promise_fact'] == name for name in ('kept', 'broken')),
            bool(row['was_given_feedback']),
            *(row['stage_group'] == name for name in ('interview', 'final')),
            *(row['role_family'] == name for name in FAMILIES),
            row['overall'],
        ]
        triangle = [int(a) * int(b) for i, a in enumerate(design) for b in design[i:]]
        key = thursday.replace(day=1).isoformat(), cell
        found[key] = [a + b for a, b in zip(found.get(key, [0] * len(triangle)), triangle)]
    return dict(sorted(found.items()))


# -- what stays in clear --------------------------------------------------------------------------


def _round_what_is_clear(bind) -> None:
    """Figures as pages show them; finer ones would tell single answers."""
    anew = sa.text(
        'UPDATE scorecard SET stars = :stars, reputation = :reputation, habits = :habits '
        'WHERE employer_id = :id'
    ).bindparams(*(sa.bindparam(name, type_=sa.JSON()) for name in ('reputation', 'habits')))
    published = sa.text(
        'SELECT count(*) FROM words WHERE employer_id = :id AND pool IS NOT NULL AND may_publish'
    )
    for row in _rows(bind, 'SELECT * FROM scorecard'):
        held = {'id': row['employer_id']}
        values = {
            'stars': None if row['stars'] is None else round(row['stars'], 1),
            'reputation': _round_reputation(_decoded(row['reputation']), bind.scalar(published, held)),
            'habits': _round_habits(_decoded(row['habits'])),
        }
        bind.execute(anew, held | values)
    anew = sa.text(
        'UPDATE calibration SET slope = :slope, intercept = :intercept, pivot = :pivot, '
        'log_loss_before = :log_loss_before, log_loss_after = :log_loss_after, answers = :answers '
        'WHERE id = :id'
    )
    for row in _rows(bind, 'SELECT * FROM calibration'):
        names = ('slope', 'intercept', 'pivot', 'log_loss_before', 'log_loss_after')
        values = {name: round(row[name], 2) for name in names}
        values |= {'answers': row['answers'] - row['answers'] % 10, 'id': row['id']}
        bind.execute(anew, values)


DIGITS = {'nps': 0, 'resentment': 2, 'chased': 2, 'agreement': 2, 'what_if': 1, 'dimensions': 1,
          'wave': 1, 'change': 1, 'levers': 1}


def _round_reputation(held: dict, published: int) -> dict:
    """What the answers come to, as it is written from now on; nothing for who shows nothing."""
    if not held:
        return held
    found = held | {name: _rounded(held.get(name), digits) for name, digits in DIGITS.items()}
    if held.get('what_if'):
        found['what_if']['response_rate'] = round(held['what_if']['response_rate'], 2)
    found['score'] = {
        name: round(value, 1) + 0.0 if name.startswith('stars') else round(value)
        for name, value in held['score'].items()
        if name != 'sd'
    }
    return found | {'published': published, 'kept_out': 0, 'held_back': False}


def _round_habits(held: dict) -> dict:
    """The employer's own records stay as they are; one flag among them comes from answers."""
    flags = [
        _rounded(flag, 2) if flag['flag'] == 'log_denied' else flag for flag in held.get('flags', ())
    ]
    return held | {'flags': flags} if 'flags' in held else held


def _rounded(value, digits: int):
    if isinstance(value, dict):
        return {name: _rounded(one, 0 if name == 'n' else digits) for name, one in value.items()}
    if isinstance(value, list):
        return [_rounded(one, digits) for one in value]
    return round(value, digits) + 0.0 if isinstance(value, float) else value
