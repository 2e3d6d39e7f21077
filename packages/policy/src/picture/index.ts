// Everything that is wrong or odd between entities. Pure, and in steps: an installation can have a hundred thousand of them.
import type { Steps } from '../steps.ts';
import { checkAddresses, checkPlans, checkPools } from './check-egress.ts';
import { checkLimits, checkProviders, checkSettings, checkWheres } from './check-rules.ts';
import { checkNames } from './check-names.ts';
import type { Picture, PictureFinding, Tell } from './picture.ts';

export { pictureKinds, type Picture, type PictureFinding, type SourceFacts } from './picture.ts';

/** Findings kept; `total` counts all. */
export const maxPictureFindings = 500;

export function* checkingPicture(picture: Picture): Steps<{ findings: PictureFinding[]; total: number }> {
  const errors: PictureFinding[] = [];
  const warnings: PictureFinding[] = [];
  let total = 0;
  const tell: Tell = (level, kind, id, field, message) => {
    total += 1;
    const list = level === 'error' ? errors : warnings;
    if (list.length < maxPictureFindings) list.push({ level, kind, id, field, message });
  };
  for (const check of [checkNames, checkPools, checkAddresses, checkPlans, checkWheres, checkLimits, checkSettings, checkProviders])
    yield* check(picture, tell);
  return { findings: [...errors, ...warnings].slice(0, maxPictureFindings), total };
}
