-- milter.lua - gives a message to a milter as an MTA would, for miltertest(1), and prints the
-- fields of one name that it adds, by default Authentication-Results
--
-- Variables (-D): socket, client, helo, sender, message (a file with LF), wanted (a name of a field).
conn = mt.connect(socket, 100, 0.1)
if conn == nil then
	error("no milter at " .. socket)
end
mt.set_timeout(20)

-- send - one step of SMTP, unless the milter does not want to know of it
function send(step, ...)
	local good, trouble = pcall(step, conn, ...)
	if not good and string.match(trouble, "negotiated SMFIP_NO") then
		return
	elseif not good then
		error(trouble)
	end
	local got = mt.getreply(conn)
	if got == SMFIR_REJECT or got == SMFIR_TEMPFAIL or got == SMFIR_DISCARD then
		error("reply " .. got)
	end
end

mt.macro(conn, SMFIC_CONNECT, "j", "mx.example.net")
send(mt.conninfo, helo, client)
send(mt.helo, helo)
mt.macro(conn, SMFIC_MAIL, "i", "queueid")
send(mt.mailfrom, "<" .. sender .. ">")
send(mt.rcptto, "<bob@example.net>")
in_body = false
body = ""
name = nil
for line in io.lines(message) do
	if in_body then
		body = body .. line .. "\r\n"
	elseif line == "" or string.match(line, "^[^ \t]") then
		if name ~= nil then
			send(mt.header, name, value)
		end
		name, value = string.match(line, "^([^:]*): ?(.*)$")
		in_body = line == ""
	else
		value = value .. "\n" .. line
	end
end
send(mt.eoh)
send(mt.bodystring, body)
send(mt.eom)
wanted = wanted or "Authentication-Results"
number = 0
field = mt.getheader(conn, wanted, number)
while field ~= nil do
	mt.echo(wanted .. ": " .. field)
	number = number + 1
	field = mt.getheader(conn, wanted, number)
end
if number == 0 and wanted == "Authentication-Results" then
	error("no field")
end
mt.disconnect(conn)
