// What a form is; forms.ts has one for each kind.
import type { z } from 'zod';
import type { IdOf, NameOf } from './names.ts';

export interface Form<Body, Schema extends z.ZodObject = z.ZodObject> {
  /** Unknown fields are refused; defaults are those of the feed. */
  readonly schema: Schema;
  toText(body: Body, nameOf: NameOf): z.input<Schema>;
  /** `current`: the entity of this name as it is; its sealed secrets stay where the text names them. May throw `FormProblem`. */
  toBody(entry: z.output<Schema>, name: string, idOf: IdOf, current: Body | null): unknown;
}

/** With its types inferred from the schema. */
export const form = <Body, Schema extends z.ZodObject>(schema: Schema, rest: Omit<Form<Body, Schema>, 'schema'>): Form<Body, Schema> => ({
  schema,
  ...rest,
});
