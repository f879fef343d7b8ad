<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
    <context>
        <name>CameraDialog</name>
        <message>
            <source>Open camera</source>
            <translation>打开摄像头</translation>
        </message>
        <message>
            <source>&amp;Camera:</source>
            <translation>摄像头(&amp;C)：</translation>
        </message>
        <message>
            <source>&amp;Resolution:</source>
            <translation>分辨率(&amp;R)：</translation>
        </message>
        <message>
            <source>Frame r&amp;ate:</source>
            <translation>帧率(&amp;A)：</translation>
        </message>
        <message>
            <source>The camera's own</source>
            <translation>摄像头默认</translation>
        </message>
        <message>
            <source>{rate} frames per second</source>
            <translation>每秒 {rate} 帧</translation>
        </message>
        <message>
            <source>&amp;Mirror left and right</source>
            <translation>左右镜像(&amp;M)</translation>
        </message>
        <message>
            <source>Re&amp;fresh</source>
            <translation>刷新(&amp;F)</translation>
        </message>
        <message>
            <source>The cameras of this computer</source>
            <translation>本机的摄像头</translation>
        </message>
        <message>
            <source>What to ask of the camera; one that lacks it gives its nearest</source>
            <translation>向摄像头请求的分辨率；不支持时取最接近的</translation>
        </message>
        <message>
            <source>What to ask of the camera; in dim light many give fewer frames</source>
            <translation>向摄像头请求的帧率；光线暗时许多摄像头会降低帧率</translation>
        </message>
        <message>
            <source>Show the picture as a looking-glass would</source>
            <translation>像照镜子一样显示画面</translation>
        </message>
        <message>
            <source>Look for cameras again, after one was plugged in</source>
            <translation>插入摄像头后重新查找</translation>
        </message>
        <message>
            <source>Camera</source>
            <translation>摄像头</translation>
        </message>
        <message>
            <source>Resolution</source>
            <translation>分辨率</translation>
        </message>
        <message>
            <source>Frame rate</source>
            <translation>帧率</translation>
        </message>
        <message>
            <source>Show this camera's picture</source>
            <translation>显示此摄像头的画面</translation>
        </message>
        <message>
            <source>Camera {number}</source>
            <translation>摄像头 {number}</translation>
        </message>
        <message>
            <source>Looking for cameras…</source>
            <translation>正在查找摄像头…</translation>
        </message>
        <message>
            <source>No camera was found; plug one in, allow this program to use it, and choose Refresh.</source>
            <translation>没有找到摄像头；请插入摄像头，允许本程序使用它，然后点“刷新”。</translation>
        </message>
    </context>
    <context>
        <name>Display</name>
        <message>
            <source>uncertain</source>
            <translation>不确定</translation>
        </message>
        <message>
            <source>lost</source>
            <translation>丢失</translation>
        </message>
        <message>
            <source>found again</source>
            <translation>已找回</translation>
        </message>
        <message>
            <source>Drag a box around what you want to follow</source>
            <translation>拖出一个框，圈住要跟踪的东西</translation>
        </message>
        <message>
            <source>Video picture</source>
            <translation>视频画面</translation>
        </message>
        <message>
            <source>No picture</source>
            <translation>没有画面</translation>
        </message>
        <message>
            <source>{count} targets; Tab selects one</source>
            <translation>{count} 个目标；按 Tab 选择</translation>
        </message>
        <message>
            <source>{count} targets; {name} is selected</source>
            <translation>{count} 个目标；已选中 {name}</translation>
        </message>
    </context>
    <context>
        <name>Editor</name>
        <message>
            <source>Arrow keys move the box, with Ctrl they resize it, with Shift faster; Enter follows what is inside, Esc cancels</source>
            <translation>方向键移动框，按住 Ctrl 调整大小，按住 Shift 加快；Enter 开始跟踪框内的东西，Esc 取消</translation>
        </message>
    </context>
    <context>
        <name>ErrorDialog</name>
        <message>
            <source>Something went wrong</source>
            <translation>出错了</translation>
        </message>
        <message>
            <source>Details</source>
            <translation>详细信息</translation>
        </message>
        <message>
            <source>Show what a developer needs to know</source>
            <translation>显示开发者需要的信息</translation>
        </message>
        <message>
            <source>Copy</source>
            <translation>复制</translation>
        </message>
        <message>
            <source>Copy the sentence and the details to the clipboard</source>
            <translation>把错误说明和详细信息复制到剪贴板</translation>
        </message>
    </context>
    <context>
        <name>ExportDialog</name>
        <message>
            <source>Export</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Draw trails</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>A line behind each target over its last {count} frames</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Squares instead of blur</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Hide by large squares of one colour each</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Save as</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The file to write</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>&amp;Browse…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Choose folder and name</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Progress of the export</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>&amp;Export</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Write the file</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Show in &amp;folder</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Open the folder the file is in</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Give the file a name.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>⚠ {names} is there already and will be replaced.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Writes {names}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The source is read again, so this takes a while; videos have no sound.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Exporting…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Exporting… {percent} %</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Cancelled; nothing was written.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>✓ Wrote {names}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Cancelling…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>&amp;Cancel</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>&amp;Close</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Stop; nothing is written</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Close this window</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>FormatChoice</name>
        <message>
            <source>Table of boxes</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Video</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Video (the pictures are gone)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>CSV</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Every value, for spreadsheets and scripts</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>JSON Lines</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>One JSON object per target and frame</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>MOTChallenge</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Text for the tools that rate many-target trackers</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>COCO</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>JSON that labelling and training tools read</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>OTB</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>One box per frame; a file for each target</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>GOT-10k</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>As OTB, with absence and cover; a file for each target</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>With boxes</source>
            <translation>带框</translation>
        </message>
        <message>
            <source>Boxes, labels and, if you like, trails drawn on it</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Targets hidden</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Nobody can tell who or what was in the boxes</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Surroundings hidden</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Only what is in the boxes stays sharp</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>PictureMenu</name>
        <message>
            <source>New target here</source>
            <translation>在此新建目标</translation>
        </message>
        <message>
            <source>Fit to the window</source>
            <translation>适应窗口</translation>
        </message>
        <message>
            <source>Actual size</source>
            <translation>实际大小</translation>
        </message>
        <message>
            <source>Show {name} again</source>
            <translation>重新显示 {name}</translation>
        </message>
    </context>
    <context>
        <name>RangeChoice</name>
        <message>
            <source>Frames</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>All</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Every frame of the source</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>From</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Only these; the in and out points of the timeline, if set</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>to</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Number of the first frame, counted from 0</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Number of the last frame, itself included</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>First frame</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Last frame</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>RecentCard</name>
        <message>
            <source>This is not there any more. Del takes it off the list.</source>
            <translation>它已不在原处。按 Del 从列表中移除。</translation>
        </message>
        <message>
            <source>Camera {number}</source>
            <translation>摄像头 {number}</translation>
        </message>
        <message>
            <source>Screen</source>
            <translation>屏幕</translation>
        </message>
        <message>
            <source>not there any more</source>
            <translation>已不存在</translation>
        </message>
        <message>
            <source>all of it</source>
            <translation>整个屏幕</translation>
        </message>
        <message>
            <source>live</source>
            <translation>实时</translation>
        </message>
        <message>
            <source>stream</source>
            <translation>网络流</translation>
        </message>
        <message>
            <source>Take off the list</source>
            <translation>从列表中移除</translation>
        </message>
        <message>
            <source>Clear the list</source>
            <translation>清空列表</translation>
        </message>
    </context>
    <context>
        <name>RecentList</name>
        <message>
            <source>Recent</source>
            <translation>最近打开</translation>
        </message>
    </context>
    <context>
        <name>RecordButton</name>
        <message>
            <source>With boxes</source>
            <translation>带框</translation>
        </message>
        <message>
            <source>The pictures with boxes and labels</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Without boxes</source>
            <translation>不带框</translation>
        </message>
        <message>
            <source>The pictures as they come</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Both, as two files</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>One file with boxes, one without</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>What to record</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Choose the folder…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Recordings go to {folder}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Open the folder</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Folder for recordings</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Stop recording</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Finish the recording (Ctrl+R)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Record</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Record what is played from here on (Ctrl+R)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>⚠ Recording ended</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Finishing the file…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>⚠ only {free} free</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{free} free</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Recording {parts}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{path}, {frames} frames</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>RecoveryPanel</name>
        <message>
            <source>Unfinished sessions</source>
            <translation>未完成的会话</translation>
        </message>
        <message>
            <source>The program ended before these did. What they recorded can be saved: a playable video and a table of boxes.</source>
            <translation>程序在这些会话结束之前退出了。已记录的内容可以保存下来：可播放的视频和目标框表格。</translation>
        </message>
        <message>
            <source>Open folder</source>
            <translation>打开文件夹</translation>
        </message>
        <message>
            <source>Show what was saved in the system's file manager</source>
            <translation>在系统的文件管理器中查看已保存的内容</translation>
        </message>
        <message>
            <source>Not now</source>
            <translation>以后再说</translation>
        </message>
        <message>
            <source>Done</source>
            <translation>完成</translation>
        </message>
        <message>
            <source>Hide this; what can be recovered is offered again at the next start</source>
            <translation>隐藏；可恢复的内容会在下次启动时再次提示</translation>
        </message>
        <message>
            <source>Hide this</source>
            <translation>隐藏</translation>
        </message>
        <message>
            <source>Recover</source>
            <translation>恢复</translation>
        </message>
        <message>
            <source>Delete…</source>
            <translation>删除…</translation>
        </message>
        <message>
            <source>Save what this session recorded, in its folder</source>
            <translation>把此会话记录的内容保存到它的文件夹</translation>
        </message>
        <message>
            <source>Move this session and all it recorded to the system's trash</source>
            <translation>把此会话及其记录的全部内容移到系统回收站</translation>
        </message>
        <message>
            <source>up to frame {frame}</source>
            <translation>到第 {frame} 帧</translation>
        </message>
        <message>
            <source>Saving what {name} recorded…</source>
            <translation>正在保存 {name} 记录的内容…</translation>
        </message>
        <message>
            <source>Saved in {folder}: {rows} boxes of {frames} frames, {videos} videos.</source>
            <translation>已保存到 {folder}：{frames} 帧中的 {rows} 个框，{videos} 个视频。</translation>
        </message>
        <message>
            <source>Delete session</source>
            <translation>删除会话</translation>
        </message>
        <message>
            <source>Move the session {name} to the trash?</source>
            <translation>要把会话 {name} 移到回收站吗？</translation>
        </message>
        <message>
            <source>Its boxes and its recordings in {folder} go with it.</source>
            <translation>它在 {folder} 中的目标框和录像会一并移走。</translation>
        </message>
        <message>
            <source>Move to trash</source>
            <translation>移到回收站</translation>
        </message>
        <message>
            <source>{folder} cannot be moved to the trash; delete it in the system's file manager.</source>
            <translation>无法把 {folder} 移到回收站；请在系统的文件管理器中删除。</translation>
        </message>
    </context>
    <context>
        <name>RegionPicker</name>
        <message>
            <source>Draw the region</source>
            <translation>画出区域</translation>
        </message>
        <message>
            <source>Draw the region with the mouse; Esc gives up</source>
            <translation>用鼠标画出区域；按 Esc 放弃</translation>
        </message>
        <message>
            <source>Drag a rectangle around what you want to capture. Esc: give up</source>
            <translation>拖出一个矩形，圈住要捕获的内容。Esc：放弃</translation>
        </message>
    </context>
    <context>
        <name>RenameEdit</name>
        <message>
            <source>Name of the target</source>
            <translation>目标的名称</translation>
        </message>
    </context>
    <context>
        <name>ScreenDialog</name>
        <message>
            <source>Screen region</source>
            <translation>屏幕区域</translation>
        </message>
        <message>
            <source>&amp;Screen:</source>
            <translation>屏幕(&amp;S)：</translation>
        </message>
        <message>
            <source>&amp;Position:</source>
            <translation>位置(&amp;P)：</translation>
        </message>
        <message>
            <source>S&amp;ize:</source>
            <translation>大小(&amp;I)：</translation>
        </message>
        <message>
            <source>Frame r&amp;ate:</source>
            <translation>帧率(&amp;A)：</translation>
        </message>
        <message>
            <source>{name} ({width} × {height})</source>
            <translation>{name}（{width} × {height}）</translation>
        </message>
        <message>
            <source>Screen {number}</source>
            <translation>屏幕 {number}</translation>
        </message>
        <message>
            <source>{rate} frames per second</source>
            <translation>每秒 {rate} 帧</translation>
        </message>
        <message>
            <source>&amp;Draw a rectangle…</source>
            <translation>画一个矩形(&amp;D)…</translation>
        </message>
        <message>
            <source>&amp;Whole screen</source>
            <translation>整个屏幕(&amp;W)</translation>
        </message>
        <message>
            <source>Keep this program's own window out of the region, or it films itself.</source>
            <translation>请勿让区域包含本程序的窗口，否则会拍到自己。</translation>
        </message>
        <message>
            <source>The screen that is captured</source>
            <translation>要捕获的屏幕</translation>
        </message>
        <message>
            <source>Draw the region with the mouse, on the screen itself</source>
            <translation>用鼠标直接在屏幕上画出区域</translation>
        </message>
        <message>
            <source>Capture all of this screen</source>
            <translation>捕获整个屏幕</translation>
        </message>
        <message>
            <source>How often the screen is captured; fewer is less work</source>
            <translation>捕获屏幕的频率；越低越省资源</translation>
        </message>
        <message>
            <source>Left edge, in pixels of the desktop</source>
            <translation>左边缘，以桌面像素计</translation>
        </message>
        <message>
            <source>Upper edge, in pixels of the desktop</source>
            <translation>上边缘，以桌面像素计</translation>
        </message>
        <message>
            <source>Width, in pixels</source>
            <translation>宽度，以像素计</translation>
        </message>
        <message>
            <source>Height, in pixels</source>
            <translation>高度，以像素计</translation>
        </message>
        <message>
            <source>Show what this region shows</source>
            <translation>显示此区域的画面</translation>
        </message>
    </context>
    <context>
        <name>SettingsDialog</name>
        <message>
            <source>Settings</source>
            <translation>设置</translation>
        </message>
        <message>
            <source>Apply these settings, keep them, and close</source>
            <translation>应用并保存这些设置，然后关闭</translation>
        </message>
        <message>
            <source>Apply these settings and keep them</source>
            <translation>应用并保存这些设置</translation>
        </message>
        <message>
            <source>Close without applying anything further</source>
            <translation>关闭，不再应用任何更改</translation>
        </message>
        <message>
            <source>Show the settings of a first start in every tab</source>
            <translation>在每个选项卡中显示首次启动时的设置</translation>
        </message>
        <message>
            <source>As the model has</source>
            <translation>由模型决定</translation>
        </message>
        <message>
            <source>'Lost below' is above 'uncertain below'; lower it to that or less.</source>
            <translation>“丢失阈值”高于“不确定阈值”；请把它降到后者或更低。</translation>
        </message>
    </context>
    <context>
        <name>SettingsTexts</name>
        <message>
            <source>Model</source>
            <translation>模型</translation>
        </message>
        <message>
            <source>Tracking</source>
            <translation>跟踪</translation>
        </message>
        <message>
            <source>Picture</source>
            <translation>画面</translation>
        </message>
        <message>
            <source>Recording</source>
            <translation>录像</translation>
        </message>
        <message>
            <source>Language and look</source>
            <translation>语言和外观</translation>
        </message>
        <message>
            <source>Applies at once.</source>
            <translation>立即生效。</translation>
        </message>
        <message>
            <source>Applies when the next source is opened.</source>
            <translation>打开下一个来源时生效。</translation>
        </message>
        <message>
            <source>Applies to the next recording.</source>
            <translation>下次录像时生效。</translation>
        </message>
        <message>
            <source>&amp;Device:</source>
            <translation>设备(&amp;D)：</translation>
        </message>
        <message>
            <source>&amp;Precision:</source>
            <translation>精度(&amp;P)：</translation>
        </message>
        <message>
            <source>&amp;Model:</source>
            <translation>模型(&amp;M)：</translation>
        </message>
        <message>
            <source>Frames in the &amp;memory:</source>
            <translation>记忆的帧数(&amp;M)：</translation>
        </message>
        <message>
            <source>&amp;Update the memory every:</source>
            <translation>记忆更新间隔(&amp;U)：</translation>
        </message>
        <message>
            <source>Remember at a &amp;score of:</source>
            <translation>记忆的最低得分(&amp;S)：</translation>
        </message>
        <message>
            <source>U&amp;ncertain below:</source>
            <translation>不确定阈值(&amp;N)：</translation>
        </message>
        <message>
            <source>&amp;Lost below:</source>
            <translation>丢失阈值(&amp;L)：</translation>
        </message>
        <message>
            <source>Show &amp;scores</source>
            <translation>显示得分(&amp;S)</translation>
        </message>
        <message>
            <source>Show &amp;trails</source>
            <translation>显示轨迹(&amp;T)</translation>
        </message>
        <message>
            <source>Trail &amp;length:</source>
            <translation>轨迹长度(&amp;L)：</translation>
        </message>
        <message>
            <source>Show the search &amp;region</source>
            <translation>显示搜索区域(&amp;R)</translation>
        </message>
        <message>
            <source>Show the r&amp;esponse map</source>
            <translation>显示响应图(&amp;E)</translation>
        </message>
        <message>
            <source>&amp;Content:</source>
            <translation>内容(&amp;C)：</translation>
        </message>
        <message>
            <source>&amp;Folder:</source>
            <translation>文件夹(&amp;F)：</translation>
        </message>
        <message>
            <source>&amp;Language:</source>
            <translation>语言(&amp;L)：</translation>
        </message>
        <message>
            <source>&amp;Theme:</source>
            <translation>主题(&amp;T)：</translation>
        </message>
        <message>
            <source> frames</source>
            <translation> 帧</translation>
        </message>
        <message>
            <source>What the network runs on. Automatic takes a graphics card where there is one.</source>
            <translation>网络在哪里运行。“自动”会在有显卡时使用显卡。</translation>
        </message>
        <message>
            <source>Number format of the network. Shorter ones are faster on graphics cards and hardly less exact; on a CPU float32 is best.</source>
            <translation>网络的数值格式。较短的格式在显卡上更快，精度几乎不变；在 CPU 上 float32 最好。</translation>
        </message>
        <message>
            <source>The network and its weights. Small follows best; nano needs less computing.</source>
            <translation>网络及其权重。Small 跟踪最准；nano 计算量更小。</translation>
        </message>
        <message>
            <source>How many frames of each target are remembered, the first box among them. More help where a target changes its looks, and cost time.</source>
            <translation>每个目标记忆多少帧，包括最初的框。目标外观变化时帧数多更好，但更费时。</translation>
        </message>
        <message>
            <source>After how many frames a new one may enter the memory. Fewer follow quick changes; more keep older looks for longer.</source>
            <translation>每隔多少帧可有新帧进入记忆。间隔小能跟上快速变化；间隔大能更久地保留旧外观。</translation>
        </message>
        <message>
            <source>Only frames with at least this score (0 to 1) enter the memory. Lower values remember more, and more mistakes.</source>
            <translation>只有得分不低于此值（0 到 1）的帧才进入记忆。值越低记得越多，错误也越多。</translation>
        </message>
        <message>
            <source>A target with a score below this (0 to 1) is uncertain: its box is dashed and a wider region is searched.</source>
            <translation>得分低于此值（0 到 1）的目标为不确定：框变为虚线，并搜索更大的区域。</translation>
        </message>
        <message>
            <source>A target that stays below this score (0 to 1) for a while is lost: the whole frame is searched for it.</source>
            <translation>得分持续低于此值（0 到 1）的目标为丢失：会在整帧中搜索它。</translation>
        </message>
        <message>
            <source>Write the score of each target beside its box.</source>
            <translation>在每个目标的框旁写出得分。</translation>
        </message>
        <message>
            <source>Draw the way that each target came.</source>
            <translation>画出每个目标走过的路径。</translation>
        </message>
        <message>
            <source>Over how many frames a trail reaches back.</source>
            <translation>轨迹向前追溯多少帧。</translation>
        </message>
        <message>
            <source>Draw the region in which each target is looked for.</source>
            <translation>画出查找每个目标的区域。</translation>
        </message>
        <message>
            <source>Lay over the picture where the network sees the target, and how surely. Costs time.</source>
            <translation>在画面上叠加显示网络认为目标所在的位置及其把握程度。会增加耗时。</translation>
        </message>
        <message>
            <source>What a recording shows: the picture with boxes, the picture as it came, or both in two files.</source>
            <translation>录像的内容：带框的画面、原始画面，或两者各存一个文件。</translation>
        </message>
        <message>
            <source>Where recordings are written. Empty means your folder of videos.</source>
            <translation>录像保存的位置。留空表示你的视频文件夹。</translation>
        </message>
        <message>
            <source>Language of menus, buttons and messages.</source>
            <translation>菜单、按钮和消息的语言。</translation>
        </message>
        <message>
            <source>Colours of the window; System follows the desktop.</source>
            <translation>窗口的颜色；“跟随系统”与桌面一致。</translation>
        </message>
        <message>
            <source>Automatic</source>
            <translation>自动</translation>
        </message>
        <message>
            <source>CPU</source>
            <translation>CPU</translation>
        </message>
        <message>
            <source>NVIDIA graphics card (CUDA)</source>
            <translation>NVIDIA 显卡（CUDA）</translation>
        </message>
        <message>
            <source>Apple graphics (MPS)</source>
            <translation>Apple 显卡（MPS）</translation>
        </message>
        <message>
            <source>Small (recommended)</source>
            <translation>Small（推荐）</translation>
        </message>
        <message>
            <source>Nano (fastest)</source>
            <translation>Nano（最快）</translation>
        </message>
        <message>
            <source>Base (largest)</source>
            <translation>Base（最大）</translation>
        </message>
        <message>
            <source>With boxes</source>
            <translation>带框</translation>
        </message>
        <message>
            <source>Without boxes</source>
            <translation>不带框</translation>
        </message>
        <message>
            <source>Both, in two files</source>
            <translation>两者，各存一个文件</translation>
        </message>
        <message>
            <source>As the system</source>
            <translation>跟随系统</translation>
        </message>
        <message>
            <source>System</source>
            <translation>跟随系统</translation>
        </message>
        <message>
            <source>Light</source>
            <translation>浅色</translation>
        </message>
        <message>
            <source>Dark</source>
            <translation>深色</translation>
        </message>
    </context>
    <context>
        <name>ShortcutsDialog</name>
        <message>
            <source>Keyboard shortcuts</source>
            <translation>键盘快捷键</translation>
        </message>
        <message>
            <source>Search for an action or a key</source>
            <translation>搜索操作或按键</translation>
        </message>
        <message>
            <source>Search</source>
            <translation>搜索</translation>
        </message>
        <message>
            <source>Part of what an action does, or of its keys</source>
            <translation>操作名称或按键的一部分</translation>
        </message>
        <message>
            <source>Action</source>
            <translation>操作</translation>
        </message>
        <message>
            <source>Keys</source>
            <translation>按键</translation>
        </message>
        <message>
            <source>No shortcut matches; try another word.</source>
            <translation>没有匹配的快捷键；请换个词。</translation>
        </message>
    </context>
    <context>
        <name>StartPage</name>
        <message>
            <source>Point at anything, watch it followed</source>
            <translation>指哪儿，跟哪儿</translation>
        </message>
        <message>
            <source>Open a video or a camera, then drag a box around what you want to follow. Add as many targets as you like, while it plays.</source>
            <translation>打开视频或摄像头，然后拖出一个框圈住要跟踪的东西。播放时可随时添加任意多个目标。</translation>
        </message>
        <message>
            <source>Drop a video, a folder of images or a project here</source>
            <translation>把视频、图片文件夹或项目拖放到这里</translation>
        </message>
        <message>
            <source>Open video…</source>
            <translation>打开视频…</translation>
        </message>
        <message>
            <source>A file, with every frame</source>
            <translation>视频文件，逐帧处理</translation>
        </message>
        <message>
            <source>Follow targets through a video file; every frame is looked at</source>
            <translation>在视频文件中跟踪目标；每一帧都会处理</translation>
        </message>
        <message>
            <source>Open folder…</source>
            <translation>打开文件夹…</translation>
        </message>
        <message>
            <source>Images in the order of their names</source>
            <translation>按名称顺序的图片</translation>
        </message>
        <message>
            <source>Follow targets through numbered images in a folder</source>
            <translation>在文件夹内编号的图片中跟踪目标</translation>
        </message>
        <message>
            <source>Open camera…</source>
            <translation>打开摄像头…</translation>
        </message>
        <message>
            <source>Live, from this computer</source>
            <translation>来自本机的实时画面</translation>
        </message>
        <message>
            <source>Choose a camera of this computer, its resolution and its rate</source>
            <translation>选择本机的摄像头及其分辨率和帧率</translation>
        </message>
        <message>
            <source>Open stream…</source>
            <translation>打开网络流…</translation>
        </message>
        <message>
            <source>RTSP or HTTP, from the network</source>
            <translation>来自网络的 RTSP 或 HTTP</translation>
        </message>
        <message>
            <source>Give the address of a network camera or of a video on a server</source>
            <translation>输入网络摄像头或服务器上视频的地址</translation>
        </message>
        <message>
            <source>Screen region…</source>
            <translation>屏幕区域…</translation>
        </message>
        <message>
            <source>What this screen shows</source>
            <translation>屏幕上显示的内容</translation>
        </message>
        <message>
            <source>Follow something on a screen, or on a part of it that you draw</source>
            <translation>在屏幕上或你画出的区域内跟踪目标</translation>
        </message>
        <message>
            <source>Try the demo</source>
            <translation>试试演示</translation>
        </message>
        <message>
            <source>A short clip, its target chosen</source>
            <translation>一段短片，目标已选好</translation>
        </message>
        <message>
            <source>Play a clip that comes with the program; its target is already chosen</source>
            <translation>播放程序自带的短片；目标已经选好</translation>
        </message>
        <message>
            <source>Start page</source>
            <translation>起始页</translation>
        </message>
    </context>
    <context>
        <name>StreamDialog</name>
        <message>
            <source>Open stream</source>
            <translation>打开网络流</translation>
        </message>
        <message>
            <source>&amp;Address:</source>
            <translation>地址(&amp;A)：</translation>
        </message>
        <message>
            <source>The address of a network camera or of a video on a server, as a player takes it</source>
            <translation>网络摄像头或服务器上视频的地址，与播放器所用的相同</translation>
        </message>
        <message>
            <source>Address of the stream</source>
            <translation>网络流的地址</translation>
        </message>
        <message>
            <source>For example rtsp://user:password@camera/stream or https://server/video.m3u8. Passwords are not kept.</source>
            <translation>例如 rtsp://user:password@camera/stream 或 https://server/video.m3u8。密码不会被保存。</translation>
        </message>
        <message>
            <source>Connect to this address</source>
            <translation>连接到此地址</translation>
        </message>
        <message>
            <source>The server's name or port in this address cannot be; check them.</source>
            <translation>此地址中的服务器名或端口无效；请检查。</translation>
        </message>
        <message>
            <source>The address begins with its kind, such as rtsp:// or http://.</source>
            <translation>地址应以类型开头，例如 rtsp:// 或 http://。</translation>
        </message>
        <message>
            <source>Streams of the kind {kind} cannot be read; known are {known}.</source>
            <translation>无法读取 {kind} 类型的流；支持的有 {known}。</translation>
        </message>
        <message>
            <source>The name or number of the server is missing after {kind}.</source>
            <translation>{kind} 之后缺少服务器的名称或地址。</translation>
        </message>
        <message>
            <source>There is a space in the address; write %20 for it.</source>
            <translation>地址中有空格；请写成 %20。</translation>
        </message>
    </context>
    <context>
        <name>TargetChoice</name>
        <message>
            <source>Targets</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Which targets to export; space ticks the chosen one</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Targets to export</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>TargetMenu</name>
        <message>
            <source>Rename…</source>
            <translation>重命名…</translation>
        </message>
        <message>
            <source>Colour</source>
            <translation>颜色</translation>
        </message>
        <message>
            <source>Hide</source>
            <translation>隐藏</translation>
        </message>
        <message>
            <source>Remove</source>
            <translation>移除</translation>
        </message>
        <message>
            <source>Orange</source>
            <translation>橙色</translation>
        </message>
        <message>
            <source>Sky blue</source>
            <translation>天蓝色</translation>
        </message>
        <message>
            <source>Green</source>
            <translation>绿色</translation>
        </message>
        <message>
            <source>Yellow</source>
            <translation>黄色</translation>
        </message>
        <message>
            <source>Pink</source>
            <translation>粉色</translation>
        </message>
        <message>
            <source>Red</source>
            <translation>红色</translation>
        </message>
        <message>
            <source>Blue</source>
            <translation>蓝色</translation>
        </message>
        <message>
            <source>White</source>
            <translation>白色</translation>
        </message>
    </context>
    <context>
        <name>UnsavedQuestion</name>
        <message>
            <source>Unsaved work</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Save the targets and corrections of “{name}”?</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Without saving, what was tracked and corrected since the last time is lost.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>&amp;Save</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>&amp;Discard</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>&amp;Cancel</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>_FolderField</name>
        <message>
            <source>Choose…</source>
            <translation>选择…</translation>
        </message>
        <message>
            <source>Choose the folder in the system's dialog</source>
            <translation>在系统对话框中选择文件夹</translation>
        </message>
        <message>
            <source>Folder of recordings</source>
            <translation>录像文件夹</translation>
        </message>
    </context>
</TS>
