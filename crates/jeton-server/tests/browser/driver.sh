# Runs ChromeDriver until the end of the input, which comes when the process that started this one ends, however it ends.
exec 3<&0
chromedriver --port=0 </dev/null 3<&- &
driver=$!
trap 'kill "$driver" 2>/dev/null' EXIT
cat <&3 >/dev/null
