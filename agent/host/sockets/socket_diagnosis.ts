import { CLOSE_ON_EXEC, openLibrary } from "../starter/libc.ts";
import { type AddressFamily, Family, type ListeningSocket } from "./listening_socket.ts";

/** Numbers of Linux. */
const [AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG, IPPROTO_TCP] = [16, 3, 4, 6];
const [SOCK_DIAG_BY_FAMILY, NLMSG_DONE] = [20, 3];

/** A request for a list: `NLM_F_REQUEST | NLM_F_DUMP`. */
const REQUEST_LIST = 0x301;

/** Sockets in the state `LISTEN` alone. */
const LISTENING = 1 << 10;

const [HEADER_SIZE, REQUEST_SIZE, ANSWER_SIZE] = [16, 72, 32 * 1024];

const FUNCTIONS = {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  send: { parameters: ["i32", "buffer", "usize", "i32"], result: "isize" },
  recv: { parameters: ["i32", "buffer", "usize", "i32"], result: "isize" },
  close: { parameters: ["i32"], result: "i32" },
} as const;

type SocketFunctions = Deno.DynamicLibrary<typeof FUNCTIONS>;

/**
 * Asks the kernel for sockets that listen, by `sock_diag(7)`: it looks at those alone. For the table in
 * `/proc` it goes through all places for connections that there are, which takes milliseconds.
 */
export class SocketDiagnosis implements Disposable {
  readonly #libc: SocketFunctions;

  private constructor(libc: SocketFunctions) {
    this.#libc = libc;
  }

  /** `undefined` where there is no C library to ask by. */
  static open(): SocketDiagnosis | undefined {
    const libc = openLibrary(FUNCTIONS);
    return libc && new SocketDiagnosis(libc);
  }

  /** Sockets that listen on a TCP port; `undefined` if the kernel does not tell. */
  listeners(family: AddressFamily, port: number): ListeningSocket[] | undefined {
    const { socket, close } = this.#libc.symbols;
    const file = socket(AF_NETLINK, SOCK_RAW | CLOSE_ON_EXEC, NETLINK_SOCK_DIAG);
    if (file < 0) return undefined;
    try {
      return this.#ask(file, request(family, port))?.map((answer) => socketOf(answer, family));
    } finally {
      close(file);
    }
  }

  /** Answers come at once, in messages that may have several; the last one says that it is. */
  #ask(file: number, request: Uint8Array<ArrayBuffer>): DataView<ArrayBuffer>[] | undefined {
    const { send, recv } = this.#libc.symbols;
    if (Number(send(file, request, BigInt(request.length), 0)) < 0) return undefined;
    const answers: DataView<ArrayBuffer>[] = [];
    for (;;) {
      const buffer = new Uint8Array(ANSWER_SIZE);
      const size = Number(recv(file, buffer, BigInt(ANSWER_SIZE), 0));
      if (size <= 0) return undefined;
      for (let start = 0; start + HEADER_SIZE <= size;) {
        const view = new DataView(buffer.buffer, start);
        const type = view.getUint16(4, true);
        if (type === NLMSG_DONE) return answers;
        if (type !== SOCK_DIAG_BY_FAMILY) return undefined;
        answers.push(view);
        start += (view.getUint32(0, true) + 3) & ~3;
      }
    }
  }

  [Symbol.dispose](): void {
    this.#libc.close();
  }
}

/** A header, and a `struct inet_diag_req_v2`. */
function request(family: AddressFamily, port: number): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(REQUEST_SIZE));
  view.setUint32(0, REQUEST_SIZE, true);
  view.setUint16(4, SOCK_DIAG_BY_FAMILY, true);
  view.setUint16(6, REQUEST_LIST, true);
  view.setUint8(16, family);
  view.setUint8(17, IPPROTO_TCP);
  view.setUint32(20, LISTENING, true);
  view.setUint16(24, port);
  return new Uint8Array(view.buffer);
}

/** From a `struct inet_diag_msg` behind a header. */
function socketOf(answer: DataView<ArrayBuffer>, family: AddressFamily): ListeningSocket {
  const size = family === Family.v4 ? 4 : 16;
  return {
    address: new Uint8Array(answer.buffer, answer.byteOffset + 24, size).toHex(),
    port: answer.getUint16(20),
    uid: answer.getUint32(80, true),
    inode: `${answer.getUint32(84, true)}`,
  };
}
