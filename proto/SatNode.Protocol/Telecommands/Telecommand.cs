using System.Formats.Cbor;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Time;

namespace SatNode.Protocol.Telecommands;

/// <summary>A telecommand before it is signed: a CBOR map with the keys 1 to 8 in the order of the properties.</summary>
public sealed record Telecommand : ICborMessage<Telecommand>
{
    private const int Fields = 8;
    private const int MaxArguments = 16;

    /// <summary>Identifies the command for its verification reports; chosen by the sender, 1 to 64 characters.</summary>
    public required string Id { get; init; }

    /// <summary>The node that it is for.</summary>
    public required string Node { get; init; }

    /// <summary>Rises with every command to a node under one key; what the replay window is about.</summary>
    public required ulong Sequence { get; init; }

    /// <summary>Not valid before.</summary>
    public required DtnTime NotBefore { get; init; }

    /// <summary>Not valid from here on.</summary>
    public required DtnTime Expiry { get; init; }

    /// <summary>The sender's <see cref="MissionDictionary.Digest"/>, 32 bytes.</summary>
    public required ReadOnlyMemory<byte> DictionaryDigest { get; init; }

    /// <summary>The command's name in the dictionary.</summary>
    public required string Name { get; init; }

    /// <summary>The arguments by name.</summary>
    public required IReadOnlyDictionary<string, ArgumentValue> Arguments { get; init; }

    /// <inheritdoc/>
    public static string MessageName => "telecommand";

    /// <inheritdoc/>
    public static int MaxEncodedBytes => ArgumentValue.MaxBytes + (32 * 1024);

    /// <inheritdoc/>
    public static Telecommand Read(CborReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        int pairs = reader.ReadStartMapUpTo(Fields);
        if (pairs != Fields)
            throw new WireFormatException($"expected a map of {Fields}, found {pairs}");
        Key(reader, 1);
        string id = reader.ReadTextUpTo(64);
        if (id.Length == 0)
            throw new WireFormatException("expected an id of 1 to 64 characters, found none");
        Key(reader, 2);
        string node = reader.ReadTextUpTo(32);
        Key(reader, 3);
        ulong sequence = reader.ReadUpTo(long.MaxValue);
        Key(reader, 4);
        var notBefore = new DtnTime(reader.ReadUpTo(DtnTime.Max.Milliseconds));
        Key(reader, 5);
        var expiry = new DtnTime(reader.ReadUpTo(DtnTime.Max.Milliseconds));
        Key(reader, 6);
        byte[] digest = reader.ReadBytesUpTo(32);
        Key(reader, 7);
        string name = reader.ReadTextUpTo(64);
        Key(reader, 8);
        int count = reader.ReadStartMapUpTo(MaxArguments);
        var arguments = new Dictionary<string, ArgumentValue>(count, StringComparer.Ordinal);
        for (int i = 0; i < count; i++)
        {
            string argument = reader.ReadTextUpTo(64);
            if (!arguments.TryAdd(argument, ArgumentValue.Read(reader)))
                throw new WireFormatException($"expected each argument once, found '{argument}' twice");
        }
        reader.ReadEndMap();
        reader.ReadEndMap();
        return new Telecommand
        {
            Id = id,
            Node = node,
            Sequence = sequence,
            NotBefore = notBefore,
            Expiry = expiry,
            DictionaryDigest = digest,
            Name = name,
            Arguments = arguments,
        };
    }

    /// <inheritdoc/>
    public void Write(CborWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartMap(Fields);
        writer.WriteInt32(1);
        writer.WriteTextString(Id);
        writer.WriteInt32(2);
        writer.WriteTextString(Node);
        writer.WriteInt32(3);
        writer.WriteUInt64(Sequence);
        writer.WriteInt32(4);
        writer.WriteUInt64(NotBefore.Milliseconds);
        writer.WriteInt32(5);
        writer.WriteUInt64(Expiry.Milliseconds);
        writer.WriteInt32(6);
        writer.WriteByteString(DictionaryDigest.Span);
        writer.WriteInt32(7);
        writer.WriteTextString(Name);
        writer.WriteInt32(8);
        writer.WriteStartMap(Arguments.Count);
        foreach ((string name, ArgumentValue value) in Arguments)
        {
            writer.WriteTextString(name);
            value.Write(writer);
        }
        writer.WriteEndMap();
        writer.WriteEndMap();
    }

    private static void Key(CborReader reader, int expected)
    {
        int found = reader.ReadInt32();
        if (found != expected)
            throw new WireFormatException($"expected key {expected}, found {found}");
    }
}
