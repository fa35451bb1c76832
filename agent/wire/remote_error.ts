import { optional, record, type Shape, type Shaped, text } from "./shape.ts";

const MAX_MESSAGE = 64 * 1024;

const shape = record({
  name: text(100),
  message: text(MAX_MESSAGE),
  code: optional(text(100)),
});

/** An error as it crosses the wire. */
export type RemoteError = Shaped<typeof shape>;

/** Lets a {@linkcode RemoteError} pass. */
export const remoteError: Shape<RemoteError> = shape;

type ErrorClass = new (message: string) => Error;

/** By name: those whose class tells a caller something. Others become `Error`. */
const CLASSES: Readonly<Record<string, ErrorClass>> = {
  ...Deno.errors,
  TypeError,
  RangeError,
};

/** What is said of an error on the other side. */
export function encodeError(error: unknown): RemoteError {
  if (!(error instanceof Error)) return { name: "Error", message: String(error), code: undefined };
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  const name = Object.hasOwn(CLASSES, error.name) ? error.name : "Error";
  const message = name === "Error" && error.name !== name
    ? `${error.name}: ${error.message}`
    : error.message;
  return { name, message: message.slice(0, MAX_MESSAGE), code: code?.slice(0, 100) };
}

/** The error that was encoded, of the same class. */
export function decodeError({ name, message, code }: RemoteError): Error {
  const Class = Object.hasOwn(CLASSES, name) ? CLASSES[name] ?? Error : Error;
  const error = new Class(message);
  return code === undefined ? error : Object.assign(error, { code });
}
