/** What a datagram begins with that is to be answered; the answer is what follows. */
export const QUESTION = "?";
