namespace SatNode.Protocol.Cbor;

/// <summary>What opening a signed message found.</summary>
public enum SignatureResult
{
    /// <summary>Not a COSE_Sign1 message with a message of the kind in it.</summary>
    Malformed = 0,

    /// <summary>Signed by a key that is not trusted.</summary>
    UnknownKey,

    /// <summary>The signature does not fit the content.</summary>
    BadSignature,

    /// <summary>Signed by a trusted key, and whole.</summary>
    Valid,
}
