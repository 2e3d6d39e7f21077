// A small part of the drill api-fuzz on every run: inputs made from the schemas of all procedures, valid and broken.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { password, startTestControl, type TestControl } from './testing/control.ts';
import { fuzz } from './testing/api-fuzz/fuzz.ts';
import { makeWorld } from './testing/world.ts';

let it: TestControl;
beforeAll(async () => {
  it = await startTestControl();
  await makeWorld(it);
  await it.control.startUp.ensureOwner({ email: 'first@sluice.example', password });
});
afterAll(() => it.close());

const inputs = 1_200;

test(`${inputs} inputs meet no error that nobody foresaw, only documented codes, and answers that read`, { timeout: 240_000 }, async () => {
  const { problems, valid, succeeded } = await fuzz(it, { seed: 7, inputs });
  expect(problems).toEqual([]);
  expect(it.unexpected()).toEqual([]);
  expect(valid).toBeGreaterThan(inputs / 5);
  expect(succeeded).toBeGreaterThan(inputs / 10);
});
