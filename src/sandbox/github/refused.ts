/** One entry of `errors` in GitHub's answers; `contexts` appears where required contexts are not met. */
export interface FieldError {
  resource: string;
  field: string;
  code: string;
  message?: string;
  contexts?: { context: string; state: string }[];
}

/** What GitHub says no with. The server adds `documentation_url` and `status`. */
export interface Refusal {
  status: number;
  message: string;
  errors?: FieldError[];
  headers?: Record<string, string>;
  /** Instead of the route's own page below docs.github.com/rest/. */
  docs?: string;
}

/** Thrown where a request is refused, however deep; the server turns it into the answer. */
export class Refused extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

/** Also what somebody gets who may not know that the thing exists. */
export function notFound(): Refused {
  return new Refused({ status: 404, message: 'Not Found' });
}

/** The generic 422. */
export function invalid(errors: FieldError[]): Refused {
  return new Refused({ status: 422, message: 'Validation Failed', errors });
}
