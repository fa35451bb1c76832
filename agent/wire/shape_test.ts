import assert from "node:assert/strict";
import {
  dictionary,
  either,
  flag,
  integer,
  list,
  nullable,
  number,
  oneOf,
  optional,
  record,
  type Shape,
  text,
} from "./shape.ts";

const REFUSED: readonly (readonly [what: string, shape: Shape<unknown>, value: unknown])[] = [
  ["a number for text", text(), 1],
  ["text that is too long", text(3), "four"],
  ["a fraction for an integer", integer(), 0.5],
  ["an integer below the lowest", integer(), -1],
  ["an integer beyond the highest", integer(0, 10), 11],
  ["an unsafe integer", integer(), 2 ** 53],
  ["digits for an integer", integer(), "1"],
  ["no number for a number", number(), NaN],
  ["digits for a number", number(), "1"],
  ["a number for a flag", flag(), 1],
  ["another value", oneOf("tcp", "unix"), "udp"],
  ["null for what may be absent", optional(flag()), null],
  ["nothing for what may be null", nullable(flag()), undefined],
  ["what is neither of two", either(flag(), text()), 1],
  ["an object for a list", list(flag(), 3), { length: 1, 0: true }],
  ["a list that is too long", list(flag(), 1), [true, true]],
  ["a list with something else in it", list(flag(), 3), [true, 1]],
  ["a list for an object", record({}), []],
  ["null for an object", record({}), null],
  ["an object with something else in it", record({ a: flag() }), { a: 1 }],
  ["an object that lacks something", record({ a: flag() }), {}],
  ["an object with more than there is", record({ a: flag() }), { a: true, b: true }],
  ["an object with a prototype's name", record({}), JSON.parse('{"__proto__":{"a":true}}')],
  ["a dictionary with something else in it", dictionary(flag()), { a: 1 }],
];

for (const [what, shape, value] of REFUSED) {
  Deno.test(`a shape refuses ${what}`, () => {
    assert.throws(() => shape(value, "the value"), {
      name: "TypeError",
      message: /^Cannot accept the request: the value\S* is not [^\n]+$/,
    });
  });
}

Deno.test("record() returns the members that are there, typed", () => {
  const shape = record({ name: text(), size: optional(integer()), mode: nullable(number()) });
  assert.deepEqual(shape({ name: "x", mode: null }, "it"), { name: "x", mode: null });
  assert.deepEqual(shape({ name: "x", size: 1, mode: 0.5 }, "it"), {
    name: "x",
    size: 1,
    mode: 0.5,
  });
});

Deno.test("record() says which part of it is wrong", () => {
  const shape = record({ list: list(record({ port: integer(0, 65_535) }), 10) });
  assert.throws(() => shape({ list: [{ port: 1 }, { port: -1 }] }, "args"), {
    message: "Cannot accept the request: args.list[1].port is not an integer between 0 and 65535",
  });
});

Deno.test("dictionary() keeps names that objects have by themselves", () => {
  const value = JSON.parse('{"__proto__":"a","constructor":"b"}');
  assert.deepEqual(Object.entries(dictionary(text())(value, "it")), [
    ["__proto__", "a"],
    ["constructor", "b"],
  ]);
});
