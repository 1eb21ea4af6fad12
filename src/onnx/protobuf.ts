// The part of the protobuf wire format that ONNX files need: a writer for messages and a reader that walks fields.
// A message is a list of (field number, wire type, payload); wire types used here are 0 varint, 2 bytes, 5 fixed32.

const encoder = new TextEncoder();

/** Builds one protobuf message field by field. */
export class MessageWriter {
  #chunks: Uint8Array[] = [];
  #size = 0;

  #push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
  }

  #varint(value: number | bigint): void {
    let v = BigInt.asUintN(64, BigInt(value));
    const bytes: number[] = [];
    do {
      const low = Number(v & 127n);
      v >>= 7n;
      bytes.push(v > 0n ? low | 128 : low);
    } while (v > 0n);
    this.#push(Uint8Array.from(bytes));
  }

  int(field: number, value: number | bigint): this {
    this.#varint(field << 3);
    this.#varint(value);
    return this;
  }

  float(field: number, value: number): this {
    this.#varint((field << 3) | 5);
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    this.#push(bytes);
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.#varint((field << 3) | 2);
    this.#varint(value.length);
    this.#push(value);
    return this;
  }

  string(field: number, value: string): this {
    return this.bytes(field, encoder.encode(value));
  }

  message(field: number, value: MessageWriter): this {
    return this.bytes(field, value.finish());
  }

  finish(): Uint8Array {
    const out = new Uint8Array(this.#size);
    let offset = 0;
    for (const chunk of this.#chunks) {
      out.set(chunk, offset);
      offset += chunk.length;
    }
    return out;
  }
}

/** One field as read: a number for varints, the raw bytes otherwise. */
export interface Field {
  field: number;
  value: bigint | Uint8Array;
}

/** Walks the fields of one message. Throws a RangeError when the bytes end inside a field. */
export function* readMessage(bytes: Uint8Array): Generator<Field> {
  let at = 0;
  const take = (n: number) => {
    if (at + n > bytes.length)
      throw new RangeError(`message ends at byte ${bytes.length}, field needs ${at + n}`);
    const part = bytes.subarray(at, at + n);
    at += n;
    return part;
  };
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = take(1)[0]!;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
    throw new RangeError(`varint at byte ${at} is longer than 10 bytes`);
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const field = tag >>> 3;
    switch (tag & 7) {
      case 0:
        yield { field, value: varint() };
        break;
      case 1:
        yield { field, value: take(8) };
        break;
      case 2:
        yield { field, value: take(Number(varint())) };
        break;
      case 5:
        yield { field, value: take(4) };
        break;
      default:
        throw new RangeError(`wire type ${tag & 7} at byte ${at} is not used by protobuf 3`);
    }
  }
}
