// The text of a house plate, verified here and nowhere else (docs/plates.md): no request is made.
import { hashes, verify } from "./vendor/ed25519/index.js";
import { sha512 } from "./vendor/hashes/sha2.js";

hashes.sha512 = sha512;

const MARK = "DCS1:";
const LONGEST = 1000;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const DAY = 86_400_000;
const PER_DEGREE = 100_000;
const NAMES = { 3: "number", 4: "street", 5: "place", 6: "ward", 7: "wardCode" };

/** Why a plate is not to be trusted: malformed, unknown-key, forged, expired-key. */
export class Refused extends Error {
  constructor(kind, key = null) {
    super(kind);
    this.kind = kind;
    this.key = key;
  }
}

const malformed = () => new Refused("malformed");

/** The plate of a text, if one of these keys (a JWK set) signed it. */
export async function verified(text, { keys }) {
  const { kid, protectedHeader, payload, signature } = opened(unpacked(text));
  const key = keys.find((one) => one.kid === kid && one.diachiso === "plate");
  if (!key) throw new Refused("unknown-key", kid);
  const signed = encode(["Signature1", protectedHeader, new Uint8Array(), payload]);
  if (!(await fits(signature, signed, fromBase64Url(key.x)))) throw new Refused("forged", kid);
  const plate = plateOf(decoded(payload));
  const late = key.until !== null && plate.on > key.until;
  if (key.revoked || plate.on < key.since || late) throw new Refused("expired-key", kid);
  return { plate, key };
}

/** By the browser's own cryptography where it knows Ed25519, else by the library beside us. */
async function fits(signature, message, key) {
  try {
    const known = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", known, signature, message);
  } catch {
    try {
      return verify(signature, message, key, { zip215: false });
    } catch {
      return false;
    }
  }
}

function fromBase64Url(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

// -- as it is written: there is one way to write a plate, and no other is taken

function unpacked(text) {
  const at = text.lastIndexOf(MARK);
  const packed = text.slice(at + MARK.length).trim();
  if (at < 0 || packed.length > LONGEST) throw malformed();
  const bytes = [];
  let [held, bits] = [0, 0];
  for (const character of packed) {
    const value = ALPHABET.indexOf(character);
    if (value < 0) throw malformed();
    held = (held << 5) | value;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((held >> bits) & 255);
      held &= (1 << bits) - 1;
    }
  }
  if (bits >= 5 || held) throw malformed();
  return Uint8Array.from(bytes);
}

function opened(bytes) {
  const message = decoded(bytes);
  if (!(message instanceof Tagged) || message.tag !== 18) throw malformed();
  if (!Array.isArray(message.value) || message.value.length !== 4) throw malformed();
  const [protectedHeader, unprotected, payload, signature] = message.value;
  const parts = [protectedHeader, payload, signature];
  if (!parts.every((one) => one instanceof Uint8Array) || signature.length !== 64) throw malformed();
  if (!(unprotected instanceof Map) || unprotected.size) throw malformed();
  const header = decoded(protectedHeader);
  if (!(header instanceof Map) || header.size !== 2 || header.get(1) !== -8) throw malformed();
  const kid = header.get(4);
  if (!(kid instanceof Uint8Array) || kid.length !== 8) throw malformed();
  return { kid: hex(kid), protectedHeader, payload, signature };
}

const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

function plateOf(claims) {
  if (!(claims instanceof Map) || !/^\d{10}$/.test(claims.get(1))) throw malformed();
  const days = claims.get(2);
  if (!Number.isInteger(days)) throw malformed();
  const code = claims.get(1);
  const plate = {
    code: `${code.slice(0, 5)}-${code.slice(5)}`,
    on: new Date(days * DAY).toISOString().slice(0, 10),
  };
  for (const [name, value] of claims) {
    if (name in NAMES && typeof value === "string") plate[NAMES[name]] = value;
    else if (name === 8 && Array.isArray(value) && value.length === 2) {
      [plate.lon, plate.lat] = value.map((degrees) => degrees / PER_DEGREE);
    } else if (name !== 1 && name !== 2) throw malformed();
  }
  return plate;
}

// -- as much of CBOR (RFC 8949) as a plate needs, in its deterministic form

class Tagged {
  constructor(tag, value) {
    this.tag = tag;
    this.value = value;
  }
}

function decoded(bytes) {
  const [value, rest] = item(bytes);
  const again = encode(value);
  if (rest.length || again.length !== bytes.length) throw malformed();
  if (!again.every((byte, at) => byte === bytes[at])) throw malformed();
  return value;
}

function item(bytes) {
  const [major, argument, rest] = head(bytes);
  switch (major) {
    case 0: return [argument, rest];
    case 1: return [-1 - argument, rest];
    case 2: return [taken(rest, argument), rest.subarray(argument)];
    case 3: return [utf8(taken(rest, argument)), rest.subarray(argument)];
    case 4: return items(rest, argument);
    case 5: {
      const [flat, after] = items(rest, argument * 2);
      const pairs = Array.from({ length: argument }, (_, n) => [flat[2 * n], flat[2 * n + 1]]);
      return [new Map(pairs), after];
    }
    case 6: {
      const [value, after] = item(rest);
      return [new Tagged(argument, value), after];
    }
    default: throw malformed();
  }
}

function items(bytes, count) {
  const list = [];
  let rest = bytes;
  for (let n = 0; n < count; n += 1) {
    let one;
    [one, rest] = item(rest);
    list.push(one);
  }
  return [list, rest];
}

function head(bytes) {
  if (!bytes.length) throw malformed();
  const [major, small] = [bytes[0] >> 5, bytes[0] & 31];
  if (small < 24) return [major, small, bytes.subarray(1)];
  const length = { 24: 1, 25: 2, 26: 4 }[small];
  if (!length) throw malformed();
  const argument = taken(bytes.subarray(1), length).reduce((sum, byte) => sum * 256 + byte, 0);
  return [major, argument, bytes.subarray(1 + length)];
}

function taken(bytes, length) {
  if (bytes.length < length) throw malformed();
  return bytes.subarray(0, length);
}

function utf8(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw malformed();
  }
}

function encode(value) {
  return Uint8Array.from(written(value));
}

function written(value) {
  if (Number.isInteger(value)) return value < 0 ? begun(1, -1 - value) : begun(0, value);
  if (value instanceof Uint8Array) return [...begun(2, value.length), ...value];
  if (typeof value === "string") {
    const bytes = new TextEncoder().encode(value);
    return [...begun(3, bytes.length), ...bytes];
  }
  if (Array.isArray(value)) return [...begun(4, value.length), ...value.flatMap(written)];
  if (value instanceof Map) {
    const pairs = [...value].sort(([one], [other]) => one - other);
    return [...begun(5, value.size), ...pairs.flat().flatMap(written)];
  }
  return [...begun(6, value.tag), ...written(value.value)];
}

function begun(major, argument) {
  if (argument < 24) return [(major << 5) | argument];
  const length = argument < 256 ? 1 : argument < 65_536 ? 2 : 4;
  const bytes = Array.from({ length }, (_, n) => Math.floor(argument / 256 ** (length - 1 - n)) % 256);
  return [(major << 5) | { 1: 24, 2: 25, 4: 26 }[length], ...bytes];
}
