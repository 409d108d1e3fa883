// Bytes as text.

// base64 writes bytes in the standard alphabet, with padding.
export function base64(bytes: Uint8Array): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const word = (<u32>bytes[i] << 16) | (left > 1 ? <u32>bytes[i + 1] << 8 : 0) | (left > 2 ? <u32>bytes[i + 2] : 0);
    parts.push(alphabet.charAt(word >> 18));
    parts.push(alphabet.charAt((word >> 12) & 63));
    parts.push(left > 1 ? alphabet.charAt((word >> 6) & 63) : "=");
    parts.push(left > 2 ? alphabet.charAt(word & 63) : "=");
  }
  return parts.join("");
}

// fromHex reads hexadecimal digits. What is none, or half a byte, gives no bytes.
export function fromHex(text: string): Uint8Array {
  const none = new Uint8Array(0);
  if (text.length % 2 != 0) return none;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < text.length; i++) {
    const d = digit(text.charCodeAt(i));
    if (d < 0) return none;
    bytes[i / 2] = <u8>((<i32>bytes[i / 2] << 4) | d);
  }
  return bytes;
}

// digit is the value of a hexadecimal digit, or -1.
export function digit(c: i32): i32 {
  if (c >= 0x30 && c <= 0x39) return c - 0x30;
  const lower = c | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : -1;
}
