# A program of somebody who uses the API from Python: the types are generated (sluice_types.py), the calls are the standard library's.
# It reads which pools there are, makes one under an idempotency key, twice, and tells a refusal by its code and reason. What it found goes
# to standard output as JSON, made from the typed values.
import json
import sys
import urllib.error
import urllib.parse
import urllib.request
import uuid

import sluice_types as types

ADDRESS, KEY = sys.argv[1], sys.argv[2]


class Refused(Exception):
    def __init__(self, status: int, error: types.Error):
        super().__init__(error.error.message)
        self.status = status
        self.data = error.error.data


def ask(request: urllib.request.Request, read):
    request.add_header('Authorization', f'Bearer {KEY}')
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return read(json.load(answer)['result']['data']), answer.headers
    except urllib.error.HTTPError as error:
        raise Refused(error.code, types.error_from_dict(json.load(error))) from None


def query(procedure: str, given: dict, read):
    text = urllib.parse.urlencode({'input': json.dumps(given)})
    return ask(urllib.request.Request(f'{ADDRESS}/api/trpc/{procedure}?{text}'), read)[0]


def change(procedure: str, given: dict, read, once: str):
    headers = {'Content-Type': 'application/json', 'Idempotency-Key': once}
    body = json.dumps(given).encode()
    return ask(urllib.request.Request(f'{ADDRESS}/api/trpc/{procedure}', body, headers, method='POST'), read)


def refusal(call) -> dict:
    try:
        call()
    except Refused as refused:
        data = refused.data
        reason = None if data.reason is None else types.Reason(data.reason).name
        issues = [issue.path for issue in data.issues or []]
        return {'status': refused.status, 'code': types.Code(data.code).name, 'reason': reason, 'issues': issues}
    return {}


def pools() -> list:
    wanted = types.PoolsListInput(limit=100)
    return query('pools.list', types.pools_list_input_to_dict(wanted), types.pools_list_output_from_dict)


before = pools()
source = before[0].members[0].source_id
wanted = types.PoolsCreateInput(members=[types.PoolsCreateInputMember(source_id=source, weight=3)], name='from Python', reason='a script')
given = types.pools_create_input_to_dict(wanted)
once = str(uuid.uuid4())
made, _ = change('pools.create', given, types.pools_create_output_from_dict, once)
again, headers = change('pools.create', given, types.pools_create_output_from_dict, once)
after = pools()
[pool] = [pool for pool in after if pool.name == 'from Python']


def other():
    return str(uuid.uuid4())


def unread():
    return change('pools.create', {**given, 'members': [{'sourceId': 'none', 'weight': 1}]}, types.pools_create_output_from_dict, other())


json.dump(
    {
        'before': len(before),
        'after': len(after),
        'made': {'id': str(made.id), 'revision': made.revision},
        'again': [again == made, headers.get('Idempotency-Replayed')],
        'pool': {
            'id': str(pool.id),
            'typed': isinstance(pool.id, uuid.UUID),
            'members': [[str(member.source_id), member.weight, member.enabled] for member in pool.members],
        },
        'taken': refusal(lambda: change('pools.create', given, types.pools_create_output_from_dict, other())),
        'unread': refusal(unread),
        'denied': refusal(lambda: query('routes.list', {}, lambda answer: answer)),
    },
    sys.stdout,
)
