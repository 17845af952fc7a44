using System.Buffers.Binary;
using SatNode.Protocol;

namespace SatNode.Rig.Devices.Usb;

/// <summary>One connection of the usbredir protocol in the role of the usb-host, the side that has the device: hello, the device's arrival, and then an
/// answer to each packet before the next is read, so that one packet each way is the most that is held. Source: USB Network Redirection protocol description
/// 0.7; QEMU 7.2 asks for the three capabilities at an xHCI controller.</summary>
internal sealed class UsbRedirSession(Stream peer, I2cTinyUsbDevice device)
{
    private const UsbRedirCapabilities Capabilities =
        UsbRedirCapabilities.EndpointPacketSize | UsbRedirCapabilities.Ids64Bits | UsbRedirCapabilities.BulkLength32Bits;

    private const int Endpoints = 32; // 16 to the device, then 16 from it
    private const int Interfaces = 32;
    private const byte NoEndpoint = 255;
    private const byte FullSpeed = 1;

    private readonly byte[] _header = new byte[UsbRedirHeader.BytesMax];
    private readonly byte[] _body = new byte[UsbRedirHeader.LengthMax];
    private readonly byte[] _answers = new byte[UsbRedirHeader.BytesMax + UsbRedirHeader.LengthMax]; // one full control packet; the rest is shorter
    private int _answered;
    private bool _saidHello;
    private bool _wideIds;
    private UsbRedirCapabilities _shared;
    private byte _configuration;

    /// <summary>Serves the peer until it closes between two packets.</summary>
    /// <exception cref="WireFormatException">The peer breaks the protocol.</exception>
    /// <exception cref="IOException">The connection broke, or ended within a packet.</exception>
    internal async Task Run(CancellationToken cancellationToken)
    {
        SayHello();
        await Send(cancellationToken);
        while (await ReceiveHeader(cancellationToken) is { } header)
        {
            await peer.ReadExactlyAsync(_body.AsMemory(0, header.Length), cancellationToken);
            Handle(header);
            await Send(cancellationToken);
        }
    }

    private async Task<UsbRedirHeader?> ReceiveHeader(CancellationToken cancellationToken)
    {
        Memory<byte> header = _header.AsMemory(0, UsbRedirHeader.Bytes(_wideIds));
        if (await peer.ReadAtLeastAsync(header[..1], 1, throwOnEndOfStream: false, cancellationToken) == 0)
            return null;
        await peer.ReadExactlyAsync(header[1..], cancellationToken);
        return UsbRedirHeader.Read(header.Span);
    }

    private async Task Send(CancellationToken cancellationToken)
    {
        if (_answered == 0)
            return;
        await peer.WriteAsync(_answers.AsMemory(0, _answered), cancellationToken);
        _answered = 0;
    }

    private void Handle(in UsbRedirHeader header)
    {
        ReadOnlySpan<byte> body = _body.AsSpan(0, header.Length);
        if (_saidHello == (header.Type == UsbRedirType.Hello))
        {
            string expected = _saidHello ? "no second hello" : "a hello first";
            throw new WireFormatException($"usbredir: expected {expected}, found a packet of type {(uint)header.Type}; connection closed");
        }
        switch (header.Type)
        {
            case UsbRedirType.Hello:
                HearHello(body);
                break;
            case UsbRedirType.Reset:
                device.Reset();
                _configuration = 0;
                break;
            case UsbRedirType.SetConfiguration:
                SetConfiguration(header.Id, body[0]);
                break;
            case UsbRedirType.GetConfiguration:
                Answer(UsbRedirType.ConfigurationStatus, header.Id, [(byte)UsbRedirStatus.Success, _configuration]);
                break;
            case UsbRedirType.SetAlternate:
                AnswerAlternate(header.Id, body[0], known: body is [0, 0]);
                break;
            case UsbRedirType.GetAlternate:
                AnswerAlternate(header.Id, body[0], known: body is [0]);
                break;
            case UsbRedirType.Control:
                Control(header.Id, body);
                break;
            case UsbRedirType.CancelData:
                break; // comes too late: what it cancels was answered before it was read
        }
    }

    private void SayHello()
    {
        Span<byte> hello = stackalloc byte[UsbRedirHeader.HelloVersionBytes + sizeof(uint)];
        hello.Clear();
        "satnode-rig"u8.CopyTo(hello);
        BinaryPrimitives.WriteUInt32LittleEndian(hello[UsbRedirHeader.HelloVersionBytes..], (uint)Capabilities);
        Answer(UsbRedirType.Hello, id: 0, hello);
    }

    private void HearHello(ReadOnlySpan<byte> hello)
    {
        ReadOnlySpan<byte> words = hello[UsbRedirHeader.HelloVersionBytes..];
        _shared = words.Length < sizeof(uint) ? 0 : Capabilities & (UsbRedirCapabilities)BinaryPrimitives.ReadUInt32LittleEndian(words);
        _wideIds = _shared.HasFlag(UsbRedirCapabilities.Ids64Bits);
        _saidHello = true;
        DescribeConfiguration();
        Span<byte> connect = [FullSpeed, 0, 0, 0, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt16LittleEndian(connect[4..], I2cTinyUsbDevice.VendorId);
        BinaryPrimitives.WriteUInt16LittleEndian(connect[6..], I2cTinyUsbDevice.ProductId);
        Answer(UsbRedirType.DeviceConnect, id: 0, connect);
    }

    /// <summary>Endpoint 0 both ways and one interface.</summary>
    private void DescribeConfiguration()
    {
        Span<byte> endpoints = stackalloc byte[Endpoints * 5]; // type, interval, interface: a byte each; packet size: two
        endpoints.Clear();
        endpoints[..Endpoints].Fill(NoEndpoint);
        foreach (int control in (ReadOnlySpan<int>)[0, Endpoints / 2])
        {
            endpoints[control] = 0;
            BinaryPrimitives.WriteUInt16LittleEndian(endpoints[((Endpoints * 3) + (control * 2))..], I2cTinyUsbDevice.PacketBytes);
        }
        bool hasSizes = _shared.HasFlag(UsbRedirCapabilities.EndpointPacketSize);
        Answer(UsbRedirType.EndpointInfo, id: 0, hasSizes ? endpoints : endpoints[..(Endpoints * 3)]);

        Span<byte> interfaces = stackalloc byte[sizeof(uint) + (Interfaces * 4)]; // count; then number, class, subclass and protocol of each
        interfaces.Clear();
        interfaces[0] = 1;
        interfaces[sizeof(uint) + Interfaces] = I2cTinyUsbDevice.InterfaceClass;
        Answer(UsbRedirType.InterfaceInfo, id: 0, interfaces);
    }

    private void SetConfiguration(ulong id, byte configuration)
    {
        bool known = configuration is 0 or I2cTinyUsbDevice.Configuration;
        if (known)
        {
            _configuration = configuration;
            DescribeConfiguration(); // before the status, as the protocol asks
        }
        Answer(UsbRedirType.ConfigurationStatus, id, [(byte)(known ? UsbRedirStatus.Success : UsbRedirStatus.Invalid), _configuration]);
    }

    private void AnswerAlternate(ulong id, byte number, bool known) =>
        Answer(UsbRedirType.AlternateStatus, id, [(byte)(known ? UsbRedirStatus.Success : UsbRedirStatus.Invalid), number, 0]);

    private void Control(ulong id, ReadOnlySpan<byte> body)
    {
        UsbControlPacket request = UsbControlPacket.Read(body);
        Span<byte> answer = Reserve(UsbControlPacket.Bytes + UsbControlPacket.DataBytesMax);
        Span<byte> data = answer.Slice(UsbControlPacket.Bytes, request.Setup.Length);
        body[UsbControlPacket.Bytes..].CopyTo(data);
        int? transferred = (request.Endpoint & ~UsbSetup.ReadBit) == 0 ? device.Transfer(request.Setup, data) : null;
        UsbSetup setup = request.Setup with { Length = (ushort)(transferred ?? 0) };
        (request with { Setup = setup, Status = transferred is null ? UsbRedirStatus.Stall : UsbRedirStatus.Success }).Write(answer);
        Commit(UsbRedirType.Control, id, UsbControlPacket.Bytes + (setup.IsRead ? setup.Length : 0));
    }

    private void Answer(UsbRedirType type, ulong id, ReadOnlySpan<byte> body)
    {
        body.CopyTo(Reserve(body.Length));
        Commit(type, id, body.Length);
    }

    private Span<byte> Reserve(int length) => _answers.AsSpan(_answered + UsbRedirHeader.Bytes(_wideIds), length);

    private void Commit(UsbRedirType type, ulong id, int length)
    {
        int header = UsbRedirHeader.Bytes(_wideIds);
        new UsbRedirHeader(type, length, id).Write(_answers.AsSpan(_answered, header));
        _answered += header + length;
    }
}
