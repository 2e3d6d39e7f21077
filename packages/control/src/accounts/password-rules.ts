// Which passwords are refused beside those that are too short: the ones that a guesser tries first. Length is what makes the rest
// strong; no signs of any kind are asked for.

/** Bases of what is found in every list of leaked passwords. Digits and signs at either end do not count. */
const common = new Set(
  (
    'password passw0rd p@ssword p@ssw0rd passwort motdepasse contrasena iloveyou letmein welcome administrator admin changeme changeit ' +
    'qwerty qwertyuiop qwertzuiop azertyuiop asdfghjkl asdfghjklqwertyuiop zxcvbnm qwertyasdfgh qazwsxedc qazwsxedcrfv 1qaz2wsx3edc ' +
    'secret supersecret topsecret mysecret monkey dragon football baseball superman batman sunshine princess starwars trustno1 master ' +
    'default temporary testing sluice sluicemta mailserver postmaster smtpserver'
  ).split(' '),
);
const runs = ['abcdefghijklmnopqrstuvwxyz', '01234567890123456789', '09876543210987654321', 'qwertyuiopasdfghjklzxcvbnm'];
/** What has to be left of a password once name and address are taken out of it. */
const minOwnLength = 8;
const minWordLength = 3;

const plain = (text: string): string => text.normalize('NFKC').toLowerCase();

/** A unit said over and over: `aaaaaaaaaaaa`, `abcabcabcabc`, `passwordpassword`. */
function unitOf(text: string): string {
  for (let length = 1; length <= text.length / 2; length += 1) {
    const unit = text.slice(0, length);
    if (unit.repeat(Math.ceil(text.length / length)).startsWith(text)) return unit;
  }
  return text;
}

const isCommon = (text: string): boolean =>
  common.has(text) || common.has(text.replaceAll(/^[^a-z]+|[^a-z]+$/g, '')) || runs.some((run) => run.includes(text));

/** Why it is refused, for whoever chose it; null when it is not. */
export function passwordProblem(password: string, whose: { readonly email: string; readonly name: string }): string | null {
  const text = plain(password);
  const unit = unitOf(text);
  if (unit.length < minOwnLength && unit !== text) return 'this password only repeats itself; choose a longer sentence';
  if (isCommon(text) || isCommon(unit)) return 'this password is one of the first that anyone would try; choose another';
  const words = plain(`${whose.email} ${whose.name}`)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word.length >= minWordLength);
  const rest = [plain(whose.email), ...words].reduce((left, word) => left.replaceAll(word, ''), text);
  if (rest !== text && rest.length < minOwnLength) return 'this password is little more than the name or e-mail address; choose another';
  return null;
}
