namespace SatNode.Rig.Devices.Usb;

/// <summary>Serves an <see cref="I2cBus"/> to an emulated board: plays an i2c-tiny-usb adapter to QEMU's usb-redir device on a UNIX socket, so that the guest
/// kernel's own driver gives its programs <c>/dev/i2c-N</c>.
/// <para>QEMU connects: <c>-device qemu-xhci -chardev socket,id=rig,path=SOCKET -device usb-redir,chardev=rig</c>. A peer that breaks the protocol is
/// disconnected; the next, such as a board that was switched on again, takes the place of the one before.</para></summary>
public sealed class UsbRedirI2cAdapter : IAsyncDisposable
{
    private readonly I2cBus _bus;
    private readonly AdapterSocket _socket;

    /// <summary>Creates the socket, in place of one left over, and serves it until disposed.</summary>
    /// <exception cref="ArgumentException">The path is too long for a UNIX socket.</exception>
    /// <exception cref="IOException">Something that is no socket lies at the path.</exception>
    public UsbRedirI2cAdapter(I2cBus bus, string socketPath)
    {
        _bus = bus;
        _socket = new(socketPath, clientsMax: 1, Serve);
    }

    /// <summary>Packets so far for which a peer was disconnected.</summary>
    public long RefusedPackets => _socket.Refused;

    /// <summary>Unplugs the device, closes the socket and removes the path.</summary>
    public ValueTask DisposeAsync() => _socket.DisposeAsync();

    private async Task Serve(Stream peer, CancellationToken cancellationToken)
    {
        var device = new I2cTinyUsbDevice(_bus);
        try
        {
            await new UsbRedirSession(peer, device).Run(cancellationToken);
        }
        finally
        {
            device.Reset(); // a board that lost power in the middle of a transaction lets go of the wires
        }
    }
}
