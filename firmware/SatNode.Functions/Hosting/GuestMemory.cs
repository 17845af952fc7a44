using System.Text;
using SatNode.Functions.Runtime;

namespace SatNode.Functions.Hosting;

/// <summary>The one way into a function's linear memory: every pointer is checked against the memory's length of this moment.</summary>
internal static class GuestMemory
{
    private const int NameBytesMax = 128;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>A pointer or length as the function means it.</summary>
    public static uint Unsigned(int value) => unchecked((uint)value);

    /// <summary>The bytes at <paramref name="pointer"/>. Valid until the function runs on.</summary>
    /// <exception cref="GuestFaultException">Any byte of it lies outside.</exception>
    public static Span<byte> Slice(LinearMemory memory, int pointer, int length, string call)
    {
        ulong start = Unsigned(pointer), count = Unsigned(length), size = (ulong)memory.Length;
        if (start > size || count > size - start)
            throw new GuestFaultException(InvocationEnd.Trapped, $"{call}: expected bytes within a memory of {size}, found {count} at {start}");
        return count == 0 ? [] : memory.Slice((long)start, (int)count);
    }

    /// <summary>A string of 1 to <paramref name="bytesMax"/> bytes of UTF-8 without control characters: names go to consoles, and services of the node keep what is theirs under others.</summary>
    /// <exception cref="GuestFaultException">It lies outside, is empty, too long, no UTF-8, or has a control character.</exception>
    public static string Text(LinearMemory memory, int pointer, int length, int bytesMax, string call)
    {
        if (length < 1 || length > bytesMax)
            throw new GuestFaultException(InvocationEnd.Trapped, $"{call}: expected a name of 1 to {bytesMax} bytes, found {Unsigned(length)}");
        try
        {
            // Once, before it is looked at: what a worker process shares may change meanwhile.
            Span<byte> bytes = stackalloc byte[NameBytesMax];
            Slice(memory, pointer, length, call).CopyTo(bytes);
            string text = StrictUtf8.GetString(bytes[..length]);
            foreach (char c in text)
            {
                if (char.IsControl(c))
                    throw new GuestFaultException(InvocationEnd.Trapped, $"{call}: expected a name without control characters, found U+{(int)c:X4}");
            }
            return text;
        }
        catch (DecoderFallbackException)
        {
            throw new GuestFaultException(InvocationEnd.Trapped, $"{call}: expected a name in UTF-8, found other bytes");
        }
    }
}
