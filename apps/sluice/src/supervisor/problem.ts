// Why the installation cannot start, in one line for the operator.
export class StartProblem extends Error {
  constructor(line: string) {
    super(line);
    this.name = 'StartProblem';
  }
}
